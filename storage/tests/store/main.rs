//! One suite for every engine: the same cases, written over `dyn Store`, run on SQLite and on PostgreSQL.
//!
//! On SQLite each case is a test of its own. PostgreSQL needs a cluster, which takes longer to start than most cases
//! run, so there one test runs them all, each in a database of its own, and names those that failed.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod accounts;
mod boxes;
mod changes;
mod engines;
mod fixtures;
mod installation;
mod jobs;
mod messages;
mod schema;

use std::panic::AssertUnwindSafe;

use futures::FutureExt;

/// Lists the cases: `module::function(Backend)`, async.
macro_rules! cases {
    ($($module:ident :: $case:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $case() {
                    crate::$module::$case(crate::engines::sqlite().await).await;
                }
            )*
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn postgres() {
            let mut failed = Vec::new();
            $(
                let backend = crate::engines::postgres().await;
                let case = AssertUnwindSafe($module::$case(backend)).catch_unwind();
                if case.await.is_err() {
                    failed.push(concat!(stringify!($module), "::", stringify!($case)));
                }
            )*
            assert!(failed.is_empty(), "failed on PostgreSQL: {failed:?}");
        }
    };
}

cases! {
    accounts::login_leads_to_membership_person_and_box,
    accounts::login_of_an_administrator_has_no_box,
    accounts::login_names_are_unique_and_exact,
    accounts::failures_lock_name_and_address,
    accounts::an_ipv6_network_counts_as_one_address,
    accounts::failures_at_once_all_count,
    accounts::success_forgets_the_name_only,
    accounts::what_nobody_can_be_called_is_no_error,
    accounts::old_failures_do_not_pile_up,
    boxes::every_field_is_kept,
    boxes::a_box_is_added_once,
    boxes::conditions_narrow_the_search,
    boxes::text_is_folded_and_wildcards_are_letters,
    boxes::deleted_boxes_never_fit_and_six_counts_as_two,
    boxes::found_in_the_order_of_their_numbers_up_to_the_limit,
    boxes::injection_finds_nothing_and_breaks_nothing,
    changes::a_transition_is_kept_with_its_events,
    changes::a_stale_version_writes_nothing,
    changes::a_batch_is_all_or_nothing,
    changes::a_batch_of_hundreds,
    changes::the_same_message_twice_in_one_batch,
    changes::two_writers_of_one_version,
    changes::crosswise_batches_end,
    changes::undeliverable_takes_the_event_of_fiction_back,
    changes::state_changes_of_an_interval,
    changes::token_and_verdict_stay_once_given,
    installation::the_clock_only_adds_up,
    installation::the_last_mark_stays,
    installation::clearing_leaves_the_mark_alone,
    installation::what_was_answered_survives_the_process,
    installation::nonsense_in_the_tables_is_named,
    installation::a_newer_schema_is_refused,
    jobs::acceptance_leaves_a_job_that_is_due,
    jobs::a_lease_keeps_others_away_until_it_runs_out,
    jobs::a_job_given_back_waits,
    jobs::a_change_finishes_its_job_or_neither_happens,
    jobs::claims_at_once_never_double,
    jobs::as_many_as_asked_for,
    messages::accepted_is_what_is_looked_up,
    messages::a_number_is_accepted_once,
    messages::numbers_are_unique_and_grow,
    messages::lists_show_newest_first_in_pages,
    messages::lists_filter_by_state_and_time,
    messages::each_side_has_its_own_list,
    messages::waiting_messages_of_a_box,
    messages::any_text_comes_back_as_it_was,
}
