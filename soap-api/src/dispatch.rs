//! From the name of an operation to the file that serves it.

use isds_core::operation::{Endpoint, Operation};
use wire::soap::StatusStyle;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;
use crate::{db_access, db_manipulations, db_search, dm_arch, dm_info, dm_operations, dm_vodz, isds_stat};

/// How answers on an endpoint name their status.
pub(crate) fn style(endpoint: Endpoint) -> StatusStyle {
    match endpoint {
        Endpoint::Dz | Endpoint::Dx | Endpoint::Vodz | Endpoint::Arch => StatusStyle::Message,
        Endpoint::Df | Endpoint::DsManage => StatusStyle::DataBox,
    }
}

/// Serves a call.
pub(crate) async fn dispatch(call: &mut Call<'_>) -> Result<Answer, Stop> {
    match call.operation {
        Operation::CreateMessage => dm_operations::create_message::serve(call).await,
        Operation::CreateMultipleMessage => dm_operations::create_multiple_message::serve(call).await,
        Operation::MessageDownload => dm_operations::message_download::serve(call).await,
        Operation::SignedMessageDownload => dm_operations::signed_message_download::serve(call).await,
        Operation::SignedSentMessageDownload => dm_operations::signed_sent_message_download::serve(call).await,
        Operation::AuthenticateMessage => dm_operations::authenticate_message::serve(call).await,
        Operation::DummyOperation => dm_operations::dummy_operation::serve(call).await,
        Operation::UploadAttachment => dm_vodz::upload_attachment::serve(call).await,
        Operation::DownloadAttachment => dm_vodz::download_attachment::serve(call).await,
        Operation::CreateBigMessage => dm_operations::create_message::serve(call).await,
        Operation::BigMessageDownload => dm_vodz::big_message_download::serve(call).await,
        Operation::SignedBigMessageDownload => dm_vodz::signed_big_message_download::serve(call).await,
        Operation::SignedSentBigMessageDownload => dm_vodz::signed_sent_big_message_download::serve(call).await,
        Operation::AuthenticateBigMessage => dm_vodz::authenticate_big_message::serve(call).await,
        Operation::ReSignIsdsDocument => dm_operations::re_sign_isds_document::serve(call).await,
        Operation::ArchiveIsdsDocument => dm_arch::archive_isds_document::serve(call).await,
        Operation::VerifyMessage => dm_info::verify_message::serve(call).await,
        Operation::MessageEnvelopeDownload => dm_info::message_envelope_download::serve(call).await,
        Operation::SentMessageEnvelopeDownload => dm_info::sent_message_envelope_download::serve(call).await,
        Operation::MarkMessageAsDownloaded => dm_info::mark_message_as_downloaded::serve(call).await,
        Operation::GetDeliveryInfo => dm_info::get_delivery_info::serve(call).await,
        Operation::GetSignedDeliveryInfo => dm_info::get_signed_delivery_info::serve(call).await,
        Operation::GetListOfReceivedMessages => dm_info::get_list_of_received_messages::serve(call).await,
        Operation::GetListOfSentMessages => dm_info::get_list_of_sent_messages::serve(call).await,
        Operation::GetMessageStateChanges => dm_info::get_message_state_changes::serve(call).await,
        Operation::GetMessageAuthor => dm_info::get_message_author::serve(call).await,
        Operation::GetMessageAuthor2 => dm_info::get_message_author2::serve(call).await,
        Operation::EraseMessage => dm_info::erase_message::serve(call).await,
        Operation::GetListOfErasedMessages => dm_info::get_list_of_erased_messages::serve(call).await,
        Operation::PickUpAsyncResponse => dm_info::pick_up_async_response::serve(call).await,
        Operation::RegisterForNotifications => dm_info::register_for_notifications::serve(call).await,
        Operation::GetListForNotifications => dm_info::get_list_for_notifications::serve(call).await,
        Operation::SuspMessageReport => dm_info::susp_message_report::serve(call).await,
        Operation::FindDataBox2 => db_search::find_data_box2::serve(call).await,
        Operation::CheckDataBox => db_search::check_data_box::serve(call).await,
        Operation::FindDataBox => db_search::find_data_box::serve(call).await,
        Operation::FindPersonalDataBox => db_search::find_personal_data_box::serve(call).await,
        Operation::IsdsSearch2 => db_search::isds_search2::serve(call).await,
        Operation::IsdsSearch3 => db_search::isds_search3::serve(call).await,
        Operation::GetDataBoxAddress => db_search::get_data_box_address::serve(call).await,
        Operation::GetDataBoxList => db_search::get_data_box_list::serve(call).await,
        Operation::GetDataBoxActivityStatus => db_search::get_data_box_activity_status::serve(call).await,
        Operation::PDZInfo => db_search::pdz_info::serve(call).await,
        Operation::PDZSendInfo => db_search::pdz_send_info::serve(call).await,
        Operation::DataBoxCreditInfo => db_search::data_box_credit_info::serve(call).await,
        Operation::DTInfo => db_search::dt_info::serve(call).await,
        Operation::GetConstants => db_search::get_constants::serve(call).await,
        Operation::GetOwnerInfoFromLogin2 => db_access::get_owner_info_from_login2::serve(call).await,
        Operation::GetUserInfoFromLogin2 => db_access::get_user_info_from_login2::serve(call).await,
        Operation::GetPasswordInfo => db_access::get_password_info::serve(call).await,
        Operation::GetOwnerInfoFromLogin => db_access::get_owner_info_from_login::serve(call).await,
        Operation::GetUserInfoFromLogin => db_access::get_user_info_from_login::serve(call).await,
        Operation::ChangeIsdsPassword => db_access::change_isds_password::serve(call).await,
        Operation::AddDataBoxUser => db_manipulations::add_data_box_user::serve(call).await,
        Operation::AddDataBoxUser2 => db_manipulations::add_data_box_user2::serve(call).await,
        Operation::UpdateDataBoxUser => db_manipulations::update_data_box_user::serve(call).await,
        Operation::UpdateDataBoxUser2 => db_manipulations::update_data_box_user2::serve(call).await,
        Operation::DeleteDataBoxUser => db_manipulations::delete_data_box_user::serve(call).await,
        Operation::DeleteDataBoxUser2 => db_manipulations::delete_data_box_user2::serve(call).await,
        Operation::NewAccessData => db_manipulations::new_access_data::serve(call).await,
        Operation::NewAccessData2 => db_manipulations::new_access_data2::serve(call).await,
        Operation::GetDataBoxUsers => db_manipulations::get_data_box_users::serve(call).await,
        Operation::GetDataBoxUsers2 => db_manipulations::get_data_box_users2::serve(call).await,
        Operation::CreateDataBox => db_manipulations::create_data_box::serve(call).await,
        Operation::CreateDataBox2 => db_manipulations::create_data_box2::serve(call).await,
        Operation::DeleteDataBox => db_manipulations::delete_data_box::serve(call).await,
        Operation::DeleteDataBox2 => db_manipulations::delete_data_box2::serve(call).await,
        Operation::DeleteDataBoxPromptly => db_manipulations::delete_data_box_promptly::serve(call).await,
        Operation::UpdateDataBoxDescr => db_manipulations::update_data_box_descr::serve(call).await,
        Operation::UpdateDataBoxDescr2 => db_manipulations::update_data_box_descr2::serve(call).await,
        Operation::DisableDataBoxExternally => db_manipulations::disable_data_box_externally::serve(call).await,
        Operation::DisableDataBoxExternally2 => db_manipulations::disable_data_box_externally2::serve(call).await,
        Operation::DisableOwnDataBox => db_manipulations::disable_own_data_box::serve(call).await,
        Operation::DisableOwnDataBox2 => db_manipulations::disable_own_data_box2::serve(call).await,
        Operation::EnableOwnDataBox => db_manipulations::enable_own_data_box::serve(call).await,
        Operation::EnableOwnDataBox2 => db_manipulations::enable_own_data_box2::serve(call).await,
        Operation::SetOpenAddressing => db_manipulations::set_open_addressing::serve(call).await,
        Operation::ClearOpenAddressing => db_manipulations::clear_open_addressing::serve(call).await,
        Operation::ChangeBoxesType => db_manipulations::change_boxes_type::serve(call).await,
        Operation::NumOfMessages => isds_stat::num_of_messages::serve(call).await,
    }
}
