use super::buffer::MAX_WAITING;
use super::*;

fn entry() -> AuditEntry {
    AuditEntry {
        real: Timestamp(1),
        legal: Timestamp(2),
        actor: AuditActor {
            kind: AuditActorKind::Person,
            isds_id: Some(IsdsId("DS_abcdefghi".into())),
            name: "Jan Vzor".into(),
        },
        origin: AuditOrigin::Web,
        action: AuditAction::MessageRead,
        subject: AuditSubject::message(MessageId(7)).of_box("nvak22s".parse().ok()),
        outcome: AuditOutcome::Done,
        address: None,
    }
}

#[test]
fn every_field_is_in_the_digest() {
    let changes: [fn(&mut AuditEntry); 14] = [
        |e| e.real = Timestamp(3),
        |e| e.legal = Timestamp(3),
        |e| e.actor.kind = AuditActorKind::Operator,
        |e| e.actor.isds_id = None,
        |e| e.actor.name = "Jana Vzorová".into(),
        |e| e.origin = AuditOrigin::Soap,
        |e| e.action = AuditAction::MessageDownloaded,
        |e| e.outcome = AuditOutcome::Refused(1004),
        |e| e.subject.box_id = None,
        |e| e.subject.message = None,
        |e| e.subject.isds_id = Some(IsdsId("DS_abcdefghi".into())),
        |e| e.subject.other_box = "kraj227".parse().ok(),
        |e| e.subject.detail = Some(String::new()),
        |e| e.address = Some([127, 0, 0, 1].into()),
    ];
    let mut digests = vec![entry().digest()];
    for change in changes {
        let mut changed = entry();
        change(&mut changed);
        digests.push(changed.digest());
    }
    let all = digests.len();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), all);
}

#[test]
fn a_seal_covers_its_records_and_the_seal_before() {
    let (one, two) = ([1; 32], [2; 32]);
    let at = Timestamp(5);
    let first = AuditSeal::over(None, at, [(AuditId(1), &one), (AuditId(2), &two)]);
    assert_eq!((first.number, first.count), (1, 2));
    let second = AuditSeal::over(Some(&first), at, [(AuditId(3), &one)]);
    assert_eq!(second.number, 2);
    let swapped = AuditSeal::over(None, at, [(AuditId(1), &two), (AuditId(2), &one)]);
    let renumbered = AuditSeal::over(None, at, [(AuditId(1), &one), (AuditId(3), &two)]);
    let shorter = AuditSeal::over(None, at, [(AuditId(1), &one)]);
    let later = AuditSeal::over(None, Timestamp(6), [(AuditId(1), &one), (AuditId(2), &two)]);
    for other in [&swapped, &renumbered, &shorter, &later] {
        assert_ne!(other.hash, first.hash);
        assert_ne!(AuditSeal::over(Some(other), at, [(AuditId(3), &one)]).hash, second.hash);
    }
}

#[test]
fn names_and_numbers_of_actions_are_unique() {
    for (index, action) in AuditAction::ALL.iter().enumerate() {
        assert_eq!(AuditAction::from_code(action.code()), Some(*action));
        assert_eq!(AuditAction::from_name(action.name()), Some(*action));
        assert!(!AuditAction::ALL[..index].contains(action));
    }
    assert!(AuditAction::from_name("").is_none());
}

#[test]
fn what_is_recorded_is_short_and_one_clean_line_of_it() {
    let long = format!("a\u{0}b{}", "ž".repeat(1000));
    let detail = AuditSubject::none().detail(long).detail.unwrap();
    assert!(detail.chars().count() <= MAX_TEXT && !detail.contains('\0'), "{detail}");
}

#[test]
fn a_full_buffer_takes_no_more_and_keeps_its_order() {
    let buffer = AuditBuffer::default();
    for n in 0..MAX_WAITING {
        let mut entry = entry();
        entry.real = Timestamp(n as i64);
        assert!(buffer.add(entry));
    }
    assert!(!buffer.add(entry()));
    let taken = buffer.take(10);
    buffer.put_back(taken);
    let order: Vec<i64> = buffer.take(usize::MAX).iter().map(|e| e.real.0).collect();
    assert!(order.is_sorted() && order.len() == MAX_WAITING);
}

#[test]
fn a_line_has_as_many_cells_as_the_head_and_carries_nothing_out() {
    let mut entry = entry();
    entry.actor.name = "=HYPERLINK(\"http://example.test\";\"x\")".into();
    entry.subject.detail = Some(" @SUM(A1)\r\n".into());
    let digest = entry.digest();
    let record = AuditRecord {
        id: AuditId(1),
        entry,
        digest,
        seal: None,
    };
    let row = csv_row(&record);
    assert!(
        row.contains("\"'=HYPERLINK(\"\"http://example.test\"\";\"\"x\"\")\""),
        "{row}"
    );
    assert!(row.contains("\"' @SUM(A1)"), "{row}");
    assert_eq!(row.matches("\r\n").count(), 1, "{row}");
    assert_eq!(
        row.matches("\";\"").count() - 1,
        csv_head().matches(';').count(),
        "{row}"
    );
}

#[test]
fn places_are_read_as_they_are_written() {
    let place = AuditPosition {
        legal: Timestamp(-5),
        id: AuditId(7),
    };
    assert_eq!(place.to_string().parse(), Ok(place));
    for wrong in ["", "1", ".", "1.", ".1", "1.2.3", "a.b"] {
        assert_eq!(wrong.parse::<AuditPosition>(), Err(AuditPositionError), "{wrong}");
    }
}

#[test]
fn what_is_repeated_within_a_minute_is_known_again() {
    let buffer = AuditBuffer::default();
    let at = |seconds: i64, message: i64| {
        let mut entry = entry();
        entry.real = Timestamp(0).plus_seconds(seconds);
        entry.subject.message = Some(MessageId(message));
        entry
    };
    assert!(!buffer.is_repeated(&at(0, 7)));
    assert!(buffer.is_repeated(&at(59, 7)));
    assert!(!buffer.is_repeated(&at(59, 8)), "another message");
    let mut other = at(59, 7);
    other.subject.isds_id = Some(IsdsId("DS_zyxwvutsr".into()));
    assert!(!buffer.is_repeated(&other), "another user");
    assert!(buffer.is_repeated(&other));
    assert!(!buffer.is_repeated(&at(60, 7)), "a minute later");
    assert!(
        !buffer.is_repeated(&at(-10, 7)),
        "a clock that was set back hides nothing"
    );
}
