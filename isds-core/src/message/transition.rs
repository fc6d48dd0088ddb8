//! The one function that moves a message on.
//!
//! Every change of a message's state, whoever causes it, is the result of [`apply`]: a new state, the events that it
//! records, and the row of `GetMessageStateChanges`, all written in one transaction.

use crate::event::{Event, EventKind, ReaderKind};
use crate::system_message;
use crate::time::Timestamp;

use super::state::{MessageState, Phase, SideOf};

/// What happens to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// The submission timestamp was obtained.
    Stamp,
    /// The scanner found malware.
    Infection,
    /// The message is put into the recipient's box.
    DeliverIn {
        /// Legal time.
        at: Timestamp,
        /// When fiction strikes, where it does.
        fiction: Option<Timestamp>,
    },
    /// A message of the system is put into the recipient's box, whatever the state of the box.
    DeliverInSystemMessage {
        /// Legal time.
        at: Timestamp,
        /// When fiction strikes, where it does.
        fiction: Option<Timestamp>,
    },
    /// A person or application who may read the message logged in.
    Login {
        /// Who.
        by: ReaderKind,
        /// Legal time.
        at: Timestamp,
    },
    /// Ten days passed.
    Fiction {
        /// Legal time at which delivery by fiction took effect.
        at: Timestamp,
        /// Nobody had access to the box in the meantime.
        without_user: bool,
    },
    /// The recipient marked the message as downloaded, or opened it in the mailbox.
    Read,
    /// The box was disabled before the message was delivered by a login, or with effect from before its fiction.
    Undeliverable {
        /// Legal time from which the box is disabled; may lie long before the message.
        disabled: Timestamp,
        /// Legal time at which that was found.
        at: Timestamp,
    },
    /// Retention of one side ended, or the term of the vault in which its copy lies.
    Expire {
        /// Whose.
        side: SideOf,
        /// End of the term of a vault that has room for it; without one the copy is erased.
        vault_until: Option<Timestamp>,
    },
    /// The date of fiction was counted anew.
    PutOffFiction {
        /// When it strikes; none where it never does.
        until: Option<Timestamp>,
    },
    /// One side's copy was erased from the vault.
    EraseFromVault {
        /// Whose.
        side: SideOf,
    },
}

/// A row of `GetMessageStateChanges`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateChange {
    /// Legal time of the change.
    pub time: Timestamp,
    /// New state as the sender sees it.
    pub status: i16,
}

/// Result of a transition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The state afterwards.
    pub state: MessageState,
    /// Events to record.
    pub events: Vec<Event>,
    /// Kinds of events that no longer hold and are removed (fiction that an undeliverable message never had).
    pub removes: &'static [EventKind],
    /// Row for the sender's list of state changes.
    pub state_change: Option<StateChange>,
}

/// The input does not apply to the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{input:?} does not apply in phase {phase:?}")]
pub struct TransitionError {
    /// Phase of the message.
    pub phase: Phase,
    /// What was to happen.
    pub input: Input,
}

/// Days for which content is kept after a delivery by login, an infection or an undeliverable end.
const SHORT_RETENTION_DAYS: i64 = 90;
const DAY_SECONDS: i64 = 86_400;
/// Years for which an undelivered or fictionally delivered message is kept, in days.
const LONG_RETENTION_DAYS: i64 = 3 * 365 + 1;

/// Applies `input` to `state` (contract, state machine).
///
/// # Errors
/// [`TransitionError`] where the state machine has no such arrow; nothing changes then.
pub fn apply(state: &MessageState, input: Input) -> Result<Change, TransitionError> {
    use Phase as P;
    let mut next = *state;
    let mut events = Vec::new();
    let mut removes: &[EventKind] = &[];
    let mut state_change = None;
    let refused = TransitionError {
        phase: state.phase,
        input,
    };

    match (state.phase, input) {
        (P::Submitted, Input::Stamp) => next.phase = P::Stamped,
        (P::Stamped, Input::Infection) => {
            next.phase = P::Infected;
            // EV8 carries the time of submission; there is no delivery time.
            events.push(Event {
                kind: EventKind::Infected,
                time: state.submitted,
            });
            set_due(&mut next, state.submitted, SHORT_RETENTION_DAYS);
        }
        (P::Stamped, Input::DeliverIn { at, fiction } | Input::DeliverInSystemMessage { at, fiction }) => {
            next.phase = P::DeliveredIn;
            next.delivered_in = Some(at);
            next.fiction_due = fiction;
            events.push(Event {
                kind: EventKind::DeliveredIn,
                time: at,
            });
            state_change = Some(StateChange { time: at, status: 4 });
            let days = match input {
                Input::DeliverInSystemMessage { .. } => system_message::RETENTION_DAYS,
                _ => LONG_RETENTION_DAYS,
            };
            set_due(&mut next, at, days);
        }
        (_, Input::Login { .. } | Input::Read) if state.recipient.side.erased => return Err(refused),
        (P::DeliveredIn, Input::Login { by, at }) => {
            next.phase = P::Accepted;
            next.accepted = Some(at);
            next.fiction_due = None;
            events.push(Event {
                kind: EventKind::login(by),
                time: at,
            });
            state_change = Some(StateChange { time: at, status: 6 });
            set_due(&mut next, at, SHORT_RETENTION_DAYS);
        }
        // Delivery by fiction took effect in law already: the time of acceptance stays.
        (P::Fiction, Input::Login { by, at }) => {
            next.phase = P::Accepted;
            events.push(Event {
                kind: EventKind::login(by),
                time: at,
            });
            state_change = Some(StateChange { time: at, status: 6 });
            set_due(&mut next, at, SHORT_RETENTION_DAYS);
        }
        (P::DeliveredIn, Input::Fiction { at, without_user }) => {
            next.phase = P::Fiction;
            next.accepted = Some(at);
            next.fiction_due = None;
            events.push(Event {
                kind: EventKind::Fiction,
                time: at,
            });
            if without_user {
                events.push(Event {
                    kind: EventKind::FictionWithoutUser,
                    time: at,
                });
            }
            state_change = Some(StateChange { time: at, status: 5 });
        }
        (P::Accepted, Input::Read) if !state.recipient.read => next.recipient.read = true,
        // A message on its way into a box that is disabled meanwhile never gets there.
        (P::Stamped | P::DeliveredIn, Input::Undeliverable { disabled, at }) => {
            become_undeliverable(&mut next, &mut events, &mut state_change, disabled, at);
        }
        // Fiction that would have struck after the box was disabled never happened: its event disappears.
        (P::Fiction, Input::Undeliverable { disabled, at })
            if state.accepted.is_some_and(|fiction| fiction > disabled) =>
        {
            removes = &[EventKind::Fiction, EventKind::FictionWithoutUser];
            become_undeliverable(&mut next, &mut events, &mut state_change, disabled, at);
        }
        (P::DeliveredIn, Input::PutOffFiction { until }) => next.fiction_due = until,
        (phase, Input::Expire { side, vault_until }) => {
            let copy = side_mut(&mut next, side);
            if copy.erased || matches!(phase, P::Submitted | P::Stamped) {
                return Err(refused);
            }
            // What was infected never goes to the vault.
            let vault_until = vault_until.filter(|_| phase != P::Infected);
            copy.in_vault = vault_until.is_some();
            copy.erased = vault_until.is_none();
            copy.due = vault_until;
        }
        (_, Input::EraseFromVault { side }) if state.side(side).in_vault && !state.side(side).erased => {
            let copy = side_mut(&mut next, side);
            copy.in_vault = false;
            copy.erased = true;
            copy.due = None;
        }
        _ => return Err(refused),
    }
    Ok(Change {
        state: next,
        events,
        removes,
        state_change,
    })
}

fn become_undeliverable(
    next: &mut MessageState,
    events: &mut Vec<Event>,
    state_change: &mut Option<StateChange>,
    disabled: Timestamp,
    at: Timestamp,
) {
    next.phase = Phase::Undeliverable;
    next.fiction_due = None;
    // EV3 stands behind EV0 and EV5 however far back the box was disabled (manual M 2.6.1). The row of the sender's
    // list and retention count from now on: who looks by time would never find the one, and content gone at once
    // would be the other.
    let time = disabled.max(next.delivered_in.unwrap_or(next.submitted));
    next.accepted = Some(time);
    events.push(Event {
        kind: EventKind::Undeliverable,
        time,
    });
    *state_change = Some(StateChange { time: at, status: 8 });
    set_due(next, at, SHORT_RETENTION_DAYS);
}

fn set_due(state: &mut MessageState, from: Timestamp, days: i64) {
    let due = Some(from.plus_seconds(days * DAY_SECONDS));
    state.sender.due = due;
    state.recipient.side.due = due;
}

fn side_mut(state: &mut MessageState, side: SideOf) -> &mut super::state::Side {
    match side {
        SideOf::Sender => &mut state.sender,
        SideOf::Recipient => &mut state.recipient.side,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: Timestamp = Timestamp(1_700_000_000_000_000);

    fn at(hours: i64) -> Timestamp {
        T0.plus_seconds(hours * 3600)
    }

    fn walk(inputs: &[Input]) -> Change {
        let mut change = Change {
            state: MessageState::submitted(T0),
            events: Vec::new(),
            removes: &[],
            state_change: None,
        };
        for input in inputs {
            change = apply(&change.state, *input).unwrap();
        }
        change
    }

    const DELIVERED: [Input; 2] = [
        Input::Stamp,
        Input::DeliverIn {
            at: Timestamp(1_700_000_001_000_000),
            fiction: Some(Timestamp(1_700_900_000_000_000)),
        },
    ];

    #[test]
    fn the_main_road() {
        let change = walk(&DELIVERED);
        assert_eq!(change.state.wire(SideOf::Recipient), 4);
        assert_eq!(
            change.events,
            [Event {
                kind: EventKind::DeliveredIn,
                time: Timestamp(1_700_000_001_000_000)
            }]
        );
        let login = apply(
            &change.state,
            Input::Login {
                by: ReaderKind::Holder,
                at: at(5),
            },
        )
        .unwrap();
        assert_eq!(login.state.accepted, Some(at(5)));
        assert_eq!(login.state_change, Some(StateChange { time: at(5), status: 6 }));
        let read = apply(&login.state, Input::Read).unwrap();
        assert_eq!(
            (read.state.wire(SideOf::Recipient), read.state.wire(SideOf::Sender)),
            (7, 6)
        );
        assert_eq!(read.events, []);
    }

    #[test]
    fn login_after_fiction_keeps_the_time_of_fiction() {
        let fiction = apply(
            &walk(&DELIVERED).state,
            Input::Fiction {
                at: at(240),
                without_user: true,
            },
        )
        .unwrap();
        assert_eq!(fiction.events.len(), 2);
        let login = apply(
            &fiction.state,
            Input::Login {
                by: ReaderKind::Entrusted,
                at: at(300),
            },
        )
        .unwrap();
        assert_eq!(login.state.phase, Phase::Accepted);
        assert_eq!(login.state.accepted, Some(at(240)));
        assert_eq!(login.events[0].kind, EventKind::EntrustedLogin);
        assert_eq!(login.state.recipient.side.due, Some(at(300 + 90 * 24)));
    }

    #[test]
    fn undeliverable_only_when_the_box_was_disabled_before_fiction() {
        let fiction = apply(
            &walk(&DELIVERED).state,
            Input::Fiction {
                at: at(240),
                without_user: false,
            },
        )
        .unwrap();
        let gone = apply(
            &fiction.state,
            Input::Undeliverable {
                disabled: at(100),
                at: at(300),
            },
        )
        .unwrap();
        assert_eq!(
            (gone.state.phase, gone.removes),
            (
                Phase::Undeliverable,
                [EventKind::Fiction, EventKind::FictionWithoutUser].as_slice()
            )
        );
        assert_eq!(gone.state.accepted, Some(at(100)));
        assert_eq!(gone.state_change.unwrap().time, at(300));
        assert_eq!(gone.state.sender.due, Some(at(300 + 90 * 24)));
        let later = Input::Undeliverable {
            disabled: at(241),
            at: at(300),
        };
        assert!(apply(&fiction.state, later).is_err());
        // Disabled from before the message was there: the event still follows its delivery into the box.
        let early = Input::Undeliverable {
            disabled: at(-900),
            at: at(300),
        };
        let gone = apply(&walk(&DELIVERED).state, early).unwrap();
        assert_eq!(gone.events[0].time, gone.state.delivered_in.unwrap());
    }

    #[test]
    fn a_message_on_its_way_into_a_disabled_box_is_undeliverable() {
        let gone = apply(
            &walk(&DELIVERED[..1]).state,
            Input::Undeliverable {
                disabled: at(-1),
                at: at(1),
            },
        )
        .unwrap();
        assert_eq!(
            (gone.state.phase, gone.state.delivered_in),
            (Phase::Undeliverable, None)
        );
        assert_eq!(
            gone.events,
            [Event {
                kind: EventKind::Undeliverable,
                time: T0
            }]
        );
    }

    #[test]
    fn system_messages_are_kept_a_hundred_days() {
        let delivered = walk(&[
            Input::Stamp,
            Input::DeliverInSystemMessage {
                at: at(1),
                fiction: None,
            },
        ]);
        assert_eq!(delivered.state.recipient.side.due, Some(at(1 + 100 * 24)));
        let fiction = Input::Fiction {
            at: at(241),
            without_user: false,
        };
        assert_eq!(
            apply(&delivered.state, fiction).unwrap().state.sender.due,
            Some(at(1 + 100 * 24))
        );
    }

    #[test]
    fn sides_expire_apart() {
        let accepted = walk(&[
            DELIVERED[0],
            DELIVERED[1],
            Input::Login {
                by: ReaderKind::Holder,
                at: at(1),
            },
            Input::Read,
        ]);
        let vault = apply(
            &accepted.state,
            Input::Expire {
                side: SideOf::Recipient,
                vault_until: Some(at(9000)),
            },
        )
        .unwrap();
        assert_eq!(vault.state.wire(SideOf::Recipient), 10);
        assert_eq!(vault.state.document(SideOf::Recipient), 6);
        let erased = apply(
            &vault.state,
            Input::Expire {
                side: SideOf::Sender,
                vault_until: None,
            },
        )
        .unwrap();
        assert_eq!(
            (erased.state.wire(SideOf::Sender), erased.state.wire(SideOf::Recipient)),
            (9, 10)
        );
        let gone = apply(
            &erased.state,
            Input::EraseFromVault {
                side: SideOf::Recipient,
            },
        )
        .unwrap();
        assert_eq!(gone.state.wire(SideOf::Recipient), 9);
        assert!(
            apply(
                &gone.state,
                Input::EraseFromVault {
                    side: SideOf::Recipient
                }
            )
            .is_err()
        );
    }

    #[test]
    fn infected_is_never_delivered_nor_kept_in_the_vault() {
        let infected = walk(&[Input::Stamp, Input::Infection]);
        assert_eq!(
            infected.events,
            [Event {
                kind: EventKind::Infected,
                time: T0
            }]
        );
        assert!(
            apply(
                &infected.state,
                Input::DeliverIn {
                    at: at(1),
                    fiction: None
                }
            )
            .is_err()
        );
        let expired = apply(
            &infected.state,
            Input::Expire {
                side: SideOf::Sender,
                vault_until: Some(at(9000)),
            },
        )
        .unwrap();
        assert_eq!(expired.state.wire(SideOf::Sender), 9);
    }

    #[test]
    fn arrows_that_do_not_exist() {
        let submitted = MessageState::submitted(T0);
        for input in [
            Input::Infection,
            Input::DeliverIn { at: T0, fiction: None },
            Input::Login {
                by: ReaderKind::Holder,
                at: T0,
            },
            Input::Read,
            Input::Fiction {
                at: T0,
                without_user: false,
            },
            Input::Undeliverable { disabled: T0, at: T0 },
            Input::Expire {
                side: SideOf::Sender,
                vault_until: None,
            },
            Input::EraseFromVault {
                side: SideOf::Recipient,
            },
        ] {
            assert_eq!(apply(&submitted, input).unwrap_err().input, input);
        }
        let accepted = walk(&[
            DELIVERED[0],
            DELIVERED[1],
            Input::Login {
                by: ReaderKind::Holder,
                at: at(1),
            },
        ]);
        assert!(
            apply(
                &accepted.state,
                Input::Login {
                    by: ReaderKind::Holder,
                    at: at(2)
                }
            )
            .is_err()
        );
        assert!(apply(&accepted.state, Input::Stamp).is_err());
    }
}
