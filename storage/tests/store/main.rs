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
mod administration;
mod audit;
mod audit_trail;
mod boxes;
mod bulk;
mod changes;
mod consistency;
mod console;
mod credit;
mod drafts;
mod engines;
mod fixtures;
mod imports;
mod installation;
mod jobs;
mod life_cycle;
mod mailbox;
mod message_info;
mod messages;
mod nodes;
mod notices;
mod pages;
mod people;
mod plans;
mod postal;
mod restraints;
mod schema;
mod search;
mod sessions;
mod sign_in_factors;
mod statistics;
mod uploads;
mod users;
mod withheld_messages;

use std::panic::AssertUnwindSafe;

use engines::Backend;
use futures::FutureExt;
use futures::future::LocalBoxFuture;

/// A case, boxed: all of them side by side in one future are more than a thread's stack holds.
type Case = fn(Backend) -> LocalBoxFuture<'static, ()>;

/// Lists the cases: `module::function(Backend)`, async.
macro_rules! cases {
    ($($module:ident :: $case:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $case() {
                    crate::on_sqlite(crate::$module::$case).await;
                }
            )*
        }

        const CASES: &[(&str, Case)] = &[
            $( (concat!(stringify!($module), "::", stringify!($case)), |backend| $module::$case(backend).boxed_local()), )*
        ];
    };
}

/// Runs a case, then looks at the plans of what the store said in it.
async fn on_sqlite<F: Future<Output = ()>>(case: impl FnOnce(Backend) -> F) {
    let listening = plans::listen("sqlite");
    case(engines::sqlite().await).await;
    if listening {
        plans::examine_sqlite(&engines::sqlite().await.url).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres() {
    let listening = plans::listen("postgres");
    let mut failed = Vec::new();
    for (name, case) in CASES {
        let backend = engines::postgres().await;
        if AssertUnwindSafe(case(backend)).catch_unwind().await.is_err() {
            failed.push(*name);
        }
    }
    assert!(failed.is_empty(), "failed on PostgreSQL: {failed:?}");
    if listening {
        let mut exceptions = plans::Exceptions::default();
        plans::assert_all_heard();
        plans::examine_postgres(&engines::postgres().await.url, &mut exceptions).await;
        exceptions.assert_all_needed();
    }
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
    administration::a_box_is_founded_with_everything_or_not_at_all,
    administration::nobody_founds_the_same_box_twice,
    administration::a_change_over_an_old_version_writes_nothing,
    administration::changes_of_a_box_at_once_lose_nothing,
    administration::deadlines_come_in_their_order,
    administration::closings_are_counted_and_have_a_job,
    administration::twins_are_found_by_number_and_by_birth,
    administration::which_boxes_are_not_accessible,
    administration::a_promise_is_kept_once,
    administration::promises_go_with_their_change_or_not_at_all,
    administration::clearing_takes_administration_away,
    audit::a_record_is_found_by_all_that_leads_to_it,
    audit::pages_of_records_make_the_whole,
    audit::seals_cover_every_record_once,
    audit::a_record_of_a_seal_that_cannot_be_is_found,
    audit::of_two_that_seal_at_once_one_does,
    audit::clearing_takes_records_and_seals_away,
    audit_trail::calls_are_sealed_with_the_records,
    audit_trail::signed_heads_are_found_by_their_times,
    audit_trail::an_export_holds_what_is_there_and_shows_what_was_altered,
    consistency::faults_in_a_folder_are_found,
    consistency::faults_in_a_bucket_are_found,
    consistency::what_a_restored_database_forgot_stays,
    consistency::a_running_system_raises_no_alarm,
    consistency::what_names_objects,
    consistency::secrets_come_under_another_key,
    boxes::every_field_is_kept,
    boxes::a_box_is_added_once,
    boxes::conditions_narrow_the_search,
    boxes::text_is_folded_and_wildcards_are_letters,
    boxes::deleted_boxes_never_fit_and_six_counts_as_two,
    boxes::found_in_the_order_of_their_numbers_up_to_the_limit,
    boxes::injection_finds_nothing_and_breaks_nothing,
    bulk::a_job_is_kept_with_its_rows,
    bulk::jobs_of_a_box_are_bounded_and_listed,
    bulk::a_change_is_over_its_version,
    bulk::verdicts_hold_where_the_job_waits_for_them,
    bulk::a_row_is_left_out_only_for_one_that_is_sent,
    bulk::a_row_is_sent_once,
    bulk::a_row_at_once_is_sent_once,
    bulk::a_row_is_paid_once,
    bulk::files_stay_as_long_as_job_or_message_need_them,
    bulk::clearing_takes_bulk_jobs_away,
    changes::a_transition_is_kept_with_its_events,
    changes::a_stale_version_writes_nothing,
    changes::a_batch_is_all_or_nothing,
    changes::a_batch_of_hundreds,
    changes::the_same_message_twice_in_one_batch,
    changes::two_writers_of_one_version,
    changes::crosswise_batches_end,
    changes::one_who_comes_too_late_costs_the_others_nothing,
    changes::undeliverable_takes_the_event_of_fiction_back,
    changes::state_changes_of_an_interval,
    changes::token_and_verdict_stay_once_given,
    installation::the_clock_only_adds_up,
    installation::the_last_mark_stays,
    installation::clearing_leaves_the_mark_alone,
    installation::what_was_answered_survives_the_process,
    installation::nonsense_in_the_tables_is_named,
    installation::a_newer_schema_is_refused_where_it_says_so,
    installation::the_clock_of_a_server_is_told,
    jobs::acceptance_leaves_a_job_that_is_due,
    jobs::a_lease_keeps_others_away_until_it_runs_out,
    jobs::a_job_given_back_waits,
    jobs::a_leased_job_is_known_to_others,
    jobs::a_change_finishes_its_job_or_neither_happens,
    jobs::claims_at_once_never_double,
    jobs::as_many_as_asked_for,
    jobs::scans_are_claimed_by_themselves,
    life_cycle::fiction_falls_due_in_its_order,
    life_cycle::retention_falls_due_side_by_side,
    life_cycle::stays_without_users_are_told_apart,
    life_cycle::fiction_that_nobody_counted_is_found,
    life_cycle::the_end_of_a_certificate_is_told_once,
    life_cycle::terms_of_a_vault_never_overlap,
    life_cycle::of_two_that_buy_a_vault_at_once_one_does,
    life_cycle::what_lies_in_a_vault_is_counted,
    life_cycle::the_end_of_a_vault_is_told_once,
    mailbox::leads_follow_the_state,
    mailbox::pages_go_both_ways,
    mailbox::waiting_messages_are_told_and_counted,
    mailbox::an_index_is_claimed_advanced_and_released,
    mailbox::terms_are_expanded_by_their_beginning,
    mailbox::a_message_that_moved_is_found_once,
    mailbox::what_is_erased_is_forgotten,
    mailbox::tags_belong_to_a_box,
    mailbox::tasks_come_by_their_day,
    mailbox::clearing_takes_lists_away,
    message_info::an_author_is_kept_as_it_was,
    message_info::messages_are_counted_once,
    message_info::the_last_report_of_a_box_counts,
    message_info::a_registration_lasts_until_it_is_cancelled,
    message_info::what_was_delivered_comes_oldest_first,
    message_info::a_list_is_ordered_made_and_removed,
    message_info::a_certificate_belongs_to_one_box,
    messages::accepted_is_what_is_looked_up,
    messages::a_number_is_accepted_once,
    messages::numbers_are_unique_and_grow,
    messages::lists_show_newest_first_in_pages,
    messages::lists_filter_by_state_and_time,
    messages::each_side_has_its_own_list,
    messages::waiting_messages_of_a_box,
    messages::any_text_comes_back_as_it_was,
    messages::what_lost_a_race_is_written_again,
    withheld_messages::withheld_until_released,
    withheld_messages::withholding_and_transitions_do_not_meet,
    withheld_messages::messages_of_an_older_schema_are_not_withheld,
    sign_in_factors::codes_are_kept_until_they_are_switched_off,
    sign_in_factors::a_code_is_taken_once,
    sign_in_factors::attempts_at_codes_are_counted_apart_from_logins,
    sign_in_factors::passkeys_of_a_person,
    sign_in_factors::a_ceremony_ends_once,
    sign_in_factors::factors_go_with_their_person,
    sessions::a_session_is_kept_until_it_is_ended,
    sessions::a_new_password_is_seen,
    sessions::others_are_ended_and_this_one_stays,
    sessions::old_sessions_do_not_pile_up,
    sessions::of_very_many_the_oldest_end,
    sessions::sessions_go_with_the_passkey_that_opened_them,
    sessions::boxes_of_a_person,
    restraints::two_nodes_share_so_many_places,
    restraints::at_once_no_place_is_taken_twice,
    restraints::nodes_count_together,
    restraints::bounds_of_a_box_are_written_over_their_version,
    restraints::clearing_takes_counts_away,
    notices::a_subscription_is_kept_and_goes_with_its_membership,
    notices::what_nobody_wants_to_be_told_is_not_noted,
    notices::notices_become_mails_once,
    notices::a_mail_is_claimed_by_one_and_given_back,
    notices::confirmations_are_counted_by_the_person_and_not_with_the_address,
    notices::a_refused_address_is_noted_where_it_stands,
    notices::a_new_browser_is_told_of_once,
    notices::the_end_of_a_password_is_told_once,
    notices::a_notice_goes_with_its_change_or_not_at_all,
    notices::clearing_takes_wishes_and_mails_away,
    pages::pages_of_a_list_make_the_whole,
    pages::what_moves_between_pages_never_comes_twice,
    pages::pages_of_state_changes_make_the_whole,
    drafts::a_draft_is_saved_over_its_version,
    drafts::a_form_makes_its_draft_once,
    drafts::drafts_have_bounds,
    drafts::drafts_at_once_do_not_pass_the_bounds_together,
    drafts::attachments_stay_as_long_as_somebody_needs_them,
    drafts::attachments_keep_their_order,
    drafts::drafts_are_listed_in_pages,
    drafts::a_draft_is_sent_once,
    drafts::a_template_is_never_sent,
    drafts::a_message_of_a_sending_needs_its_lease,
    drafts::a_sending_is_taken_over_and_forgotten,
    credit::every_booking_is_a_line_of_the_ledger,
    credit::a_payment_is_booked_once,
    credit::credit_is_not_overdrawn_by_many_at_once,
    credit::books_balance_whatever_happens_at_once,
    credit::books_balance_after_any_step,
    credit::credit_expires_at_its_time_and_is_booked_out_then,
    credit::what_is_not_paid_is_not_written,
    postal::subsidies_come_in_the_order_of_their_use,
    postal::a_subsidy_pays_no_more_than_it_has,
    postal::an_invitation_is_answered_once,
    postal::an_identifier_names_one_invitation,
    postal::every_kind_of_message_is_kept,
    postal::clearing_takes_money_and_invitations_away,
    uploads::an_upload_is_what_is_looked_up,
    uploads::unused_uploads_have_a_quota,
    uploads::uploads_at_once_do_not_pass_the_quota_together,
    uploads::what_is_not_used_in_time_is_purged,
    uploads::freed_objects_wait_their_time,
    uploads::content_goes_with_the_last_copy,
    uploads::the_last_message_takes_the_upload_along,
    uploads::messages_of_one_call_share_their_objects,
    uploads::messages_of_one_call_are_written_all_or_none,
    uploads::messages_at_once_share_uploads,
    uploads::messages_with_an_upload_in_common_do_not_wait_crosswise,
    uploads::a_purge_never_takes_what_a_message_needs,
    users::a_user_is_kept_as_they_were_added,
    users::users_are_listed_in_order,
    users::users_of_an_older_schema_are_found,
    users::namesakes_are_found_however_they_are_written,
    users::a_change_over_what_is_no_longer_so_writes_nothing,
    users::a_change_outdates_what_was_proven,
    users::who_is_removed_leaves_nothing_behind,
    users::added_users_are_counted_even_when_gone,
    users::new_access_data_replace_the_old,
    users::a_password_replaces_the_version_it_was_computed_from,
    users::a_password_is_taken_until_its_owner_says,
    users::the_last_255_passwords_are_remembered,
    users::changes_at_once_lose_nothing,
    users::the_first_administrator_is_the_only_first_one,
    nodes::a_node_is_what_it_told_last,
    nodes::a_lease_is_one_nodes_until_it_ends,
    nodes::of_many_at_once_one_takes_the_lease,
    nodes::clearing_takes_nodes_and_leases_away,
    nodes::a_life_goes_on_where_the_database_knows_it,
    statistics::events_are_counted_by_their_time,
    statistics::days_are_kept_and_make_months,
    statistics::boxes_are_counted_by_type_and_state,
    imports::an_import_runs_once_and_ends,
    imports::access_data_are_taken_once,
    imports::old_imports_are_forgotten,
    imports::of_two_that_work_on_a_row_one_goes_on,
    imports::a_box_that_cannot_be_founded_leaves_its_row_waiting,
    people::people_are_found_by_the_beginning_of_their_names,
    people::locks_are_seen_and_lifted,
    people::a_person_is_locked_until_somebody_unlocks_them,
    console::an_announcement_is_written_once_a_form,
    console::an_announcement_goes_on_from_where_it_is,
    console::boxes_are_listed_by_type_and_state,
    console::little_credit_and_subsidies_are_listed,
    console::a_limit_is_changed_over_the_version_that_was_seen,
    console::what_waits_beside_the_jobs_is_counted,
    people::the_administrator_finds_boxes_in_any_state,
    people::queues_are_counted_by_kind,
    people::a_job_in_trouble_is_tried_again,
    people::what_was_asked_for_about_a_box,
    people::timestamps_of_the_newest_messages,
    people::merging_moves_users_with_their_access,
    people::merging_moves_credit_with_its_term,
    people::a_merge_that_fails_moves_no_credit,
    people::a_merge_is_written_whole_or_not_at_all,
    search::all_words_must_be_there,
    search::a_match_tells_where_the_words_stand,
    search::a_word_of_both_counts_by_its_best_place,
    search::who_may_find_whom,
    search::numbers_find_the_main_box_first,
    search::common_words_and_rare_ones,
    search::boxes_of_before_are_indexed,
    search::parts_of_a_name,
    search::parts_of_too_many_names,
    search::two_that_index_at_once,
    search::a_box_has_a_state_from_its_beginning,
    search::files_about_boxes_replace_each_other,
    search::walks_over_all_boxes,
    search::clearing_takes_index_and_files_away,
}
