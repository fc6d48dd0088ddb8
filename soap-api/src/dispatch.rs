//! From the name of an operation to the file that serves it.

use isds_core::operation::{Endpoint, Operation};
use wire::soap::StatusStyle;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;
use crate::{db_access, db_search, dm_info, dm_operations};

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
        Operation::MessageDownload => dm_operations::message_download::serve(call).await,
        Operation::SignedMessageDownload => dm_operations::signed_message_download::serve(call).await,
        Operation::SignedSentMessageDownload => dm_operations::signed_sent_message_download::serve(call).await,
        Operation::AuthenticateMessage => dm_operations::authenticate_message::serve(call).await,
        Operation::DummyOperation => dm_operations::dummy_operation::serve(call).await,
        Operation::VerifyMessage => dm_info::verify_message::serve(call).await,
        Operation::MessageEnvelopeDownload => dm_info::message_envelope_download::serve(call).await,
        Operation::SentMessageEnvelopeDownload => dm_info::sent_message_envelope_download::serve(call).await,
        Operation::MarkMessageAsDownloaded => dm_info::mark_message_as_downloaded::serve(call).await,
        Operation::GetDeliveryInfo => dm_info::get_delivery_info::serve(call).await,
        Operation::GetSignedDeliveryInfo => dm_info::get_signed_delivery_info::serve(call).await,
        Operation::GetListOfReceivedMessages => dm_info::get_list_of_received_messages::serve(call).await,
        Operation::GetListOfSentMessages => dm_info::get_list_of_sent_messages::serve(call).await,
        Operation::GetMessageStateChanges => dm_info::get_message_state_changes::serve(call).await,
        Operation::FindDataBox2 => db_search::find_data_box2::serve(call).await,
        Operation::CheckDataBox => db_search::check_data_box::serve(call).await,
        Operation::GetOwnerInfoFromLogin2 => db_access::get_owner_info_from_login2::serve(call).await,
        Operation::GetUserInfoFromLogin2 => db_access::get_user_info_from_login2::serve(call).await,
        Operation::GetPasswordInfo => db_access::get_password_info::serve(call).await,
    }
}
