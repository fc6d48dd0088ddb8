//! The operations of the contract and the privilege each one needs, in one place.

use crate::privileges::Privileges;
use crate::status::Status;

/// Endpoint of the contract on which an operation is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `/DS/dz`, dm_operations.
    Dz,
    /// `/DS/dx`, dm_info.
    Dx,
    /// `/DS/df`, db_search.
    Df,
    /// `/DS/DsManage`, db_access and db_manipulations.
    DsManage,
    /// `/DS/vodz`, dm_VoDZ.
    Vodz,
    /// `/DS/arch`, dm_arch.
    Arch,
}

/// Privilege that an operation needs before anything else is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Any signed-in caller.
    Nothing,
    /// All of these.
    All(Privileges),
    /// One of the two.
    Either(Privileges, Privileges),
    /// All of these; the system's own administrator needs none (manual V, sections 2.1 to 2.3: internal users). Judged by
    /// [`Principal::authorize_search`](crate::principal::Principal::authorize_search).
    AllOrOperator(Privileges),
    /// An application with a system certificate that has all of these: persons may not.
    Certificate(Privileges),
    /// A read right: which of the two depends on the message, and is judged again once it is known.
    Read,
    /// The system's own administrator. Stands here for all the internal rights of the contract's data providers,
    /// Czech POINT offices and the ministry (manual S, annex A).
    Operator,
    /// A user of the box that the call names who has all of these, or the system's own administrator. Judged by
    /// [`Principal::authorize_for_box`](crate::principal::Principal::authorize_for_box).
    OwnBoxOrOperator(Privileges),
}

impl Need {
    /// Whether `held` may call at all.
    #[must_use]
    pub fn is_held_by(self, held: Privileges) -> bool {
        match self {
            Self::Nothing => true,
            Self::All(needed) | Self::AllOrOperator(needed) | Self::Certificate(needed) => held.allows(needed),
            Self::Either(one, other) => held.allows(one) || held.allows(other),
            Self::Read => held.may_read(false),
            Self::Operator => false,
            Self::OwnBoxOrOperator(needed) => held.allows(needed),
        }
    }
}

macro_rules! operations {
    ($( $variant:ident $name:literal $endpoint:ident $need:expr; )*) => {
        /// An operation that this system answers.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation {
            $( #[doc = concat!("`", $name, "`.")] $variant, )*
        }

        impl Operation {
            /// All operations.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// Name of the request element.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }

            /// Where it is served.
            #[must_use]
            pub fn endpoint(self) -> Endpoint {
                match self { $( Self::$variant => Endpoint::$endpoint, )* }
            }

            /// Privilege that it needs (contract, authorisation matrix).
            #[must_use]
            pub fn privilege(self) -> Need {
                match self { $( Self::$variant => $need, )* }
            }
        }
    };
}

operations! {
    CreateMessage "CreateMessage" Dz Need::All(Privileges::CREATE_DM);
    MessageDownload "MessageDownload" Dz Need::Read;
    SignedMessageDownload "SignedMessageDownload" Dz Need::Read;
    SignedSentMessageDownload "SignedSentMessageDownload" Dz Need::All(Privileges::CREATE_DM);
    CreateMultipleMessage "CreateMultipleMessage" Dz Need::All(Privileges::CREATE_DM);
    AuthenticateMessage "AuthenticateMessage" Dz Need::Nothing;
    DummyOperation "DummyOperation" Dz Need::Nothing;
    ReSignIsdsDocument "Re-signISDSDocument" Dz Need::Nothing;
    UploadAttachment "UploadAttachment" Vodz Need::All(Privileges::CREATE_DM);
    DownloadAttachment "DownloadAttachment" Vodz Need::Either(Privileges::CREATE_DM, Privileges::READ_NON_PERSONAL);
    CreateBigMessage "CreateBigMessage" Vodz Need::All(Privileges::CREATE_DM);
    BigMessageDownload "BigMessageDownload" Vodz Need::Read;
    SignedBigMessageDownload "SignedBigMessageDownload" Vodz Need::Read;
    SignedSentBigMessageDownload "SignedSentBigMessageDownload" Vodz Need::All(Privileges::CREATE_DM);
    AuthenticateBigMessage "AuthenticateBigMessage" Vodz Need::Nothing;
    ArchiveIsdsDocument "ArchiveISDSDocument" Arch Need::Nothing;
    VerifyMessage "VerifyMessage" Dx Need::Read;
    MessageEnvelopeDownload "MessageEnvelopeDownload" Dx Need::All(Privileges::VIEW_INFO);
    SentMessageEnvelopeDownload "SentMessageEnvelopeDownload" Dx Need::Either(Privileges::VIEW_INFO, Privileges::CREATE_DM);
    MarkMessageAsDownloaded "MarkMessageAsDownloaded" Dx Need::Read;
    GetDeliveryInfo "GetDeliveryInfo" Dx Need::All(Privileges::VIEW_INFO);
    GetSignedDeliveryInfo "GetSignedDeliveryInfo" Dx Need::All(Privileges::VIEW_INFO);
    GetListOfReceivedMessages "GetListOfReceivedMessages" Dx Need::All(Privileges::VIEW_INFO);
    GetListOfSentMessages "GetListOfSentMessages" Dx Need::All(Privileges::VIEW_INFO);
    GetMessageStateChanges "GetMessageStateChanges" Dx Need::All(Privileges::VIEW_INFO);
    GetMessageAuthor "GetMessageAuthor" Dx Need::All(Privileges::VIEW_INFO);
    GetMessageAuthor2 "GetMessageAuthor2" Dx Need::All(Privileges::VIEW_INFO);
    EraseMessage "EraseMessage" Dx Need::All(Privileges::ERASE_VAULT);
    GetListOfErasedMessages "GetListOfErasedMessages" Dx Need::All(Privileges::VIEW_INFO);
    PickUpAsyncResponse "PickUpAsyncResponse" Dx Need::All(Privileges::VIEW_INFO);
    RegisterForNotifications "RegisterForNotifications" Dx Need::Certificate(Privileges::VIEW_INFO);
    GetListForNotifications "GetListForNotifications" Dx Need::Certificate(Privileges::VIEW_INFO);
    SuspMessageReport "SuspMessageReport" Dx Need::Read;
    FindDataBox2 "FindDataBox2" Df Need::AllOrOperator(Privileges::SEARCH_DB);
    CheckDataBox "CheckDataBox" Df Need::AllOrOperator(Privileges::SEARCH_DB);
    FindDataBox "FindDataBox" Df Need::AllOrOperator(Privileges::SEARCH_DB);
    FindPersonalDataBox "FindPersonalDataBox" Df Need::AllOrOperator(Privileges::SEARCH_DB);
    IsdsSearch2 "ISDSSearch2" Df Need::AllOrOperator(Privileges::SEARCH_DB);
    IsdsSearch3 "ISDSSearch3" Df Need::AllOrOperator(Privileges::SEARCH_DB);
    GetDataBoxAddress "GetDataBoxAddress" Df Need::AllOrOperator(Privileges::SEARCH_DB);
    GetDataBoxList "GetDataBoxList" Df Need::All(Privileges::SEARCH_DB);
    GetDataBoxActivityStatus "GetDataBoxActivityStatus" Df Need::Certificate(Privileges::NONE);
    PDZInfo "PDZInfo" Df Need::OwnBoxOrOperator(Privileges::NONE);
    PDZSendInfo "PDZSendInfo" Df Need::Nothing;
    DataBoxCreditInfo "DataBoxCreditInfo" Df Need::OwnBoxOrOperator(Privileges::NONE);
    DTInfo "DTInfo" Df Need::OwnBoxOrOperator(Privileges::NONE);
    GetConstants "GetConstants" Df Need::Nothing;
    GetOwnerInfoFromLogin2 "GetOwnerInfoFromLogin2" DsManage Need::Nothing;
    GetUserInfoFromLogin2 "GetUserInfoFromLogin2" DsManage Need::Nothing;
    GetPasswordInfo "GetPasswordInfo" DsManage Need::Nothing;
    GetOwnerInfoFromLogin "GetOwnerInfoFromLogin" DsManage Need::Nothing;
    GetUserInfoFromLogin "GetUserInfoFromLogin" DsManage Need::Nothing;
    ChangeIsdsPassword "ChangeISDSPassword" DsManage Need::Nothing;
    AddDataBoxUser "AddDataBoxUser" DsManage Need::OwnBoxOrOperator(Privileges::OWNER_ADM);
    AddDataBoxUser2 "AddDataBoxUser2" DsManage Need::OwnBoxOrOperator(Privileges::OWNER_ADM);
    UpdateDataBoxUser "UpdateDataBoxUser" DsManage Need::OwnBoxOrOperator(Privileges::NONE);
    UpdateDataBoxUser2 "UpdateDataBoxUser2" DsManage Need::OwnBoxOrOperator(Privileges::NONE);
    DeleteDataBoxUser "DeleteDataBoxUser" DsManage Need::OwnBoxOrOperator(Privileges::OWNER_ADM);
    DeleteDataBoxUser2 "DeleteDataBoxUser2" DsManage Need::OwnBoxOrOperator(Privileges::OWNER_ADM);
    NewAccessData "NewAccessData" DsManage Need::Operator;
    NewAccessData2 "NewAccessData2" DsManage Need::Operator;
    GetDataBoxUsers "GetDataBoxUsers" DsManage Need::Nothing;
    GetDataBoxUsers2 "GetDataBoxUsers2" DsManage Need::OwnBoxOrOperator(Privileges::OWNER_ADM);
    CreateDataBox "CreateDataBox" DsManage Need::Operator;
    CreateDataBox2 "CreateDataBox2" DsManage Need::Operator;
    DeleteDataBox "DeleteDataBox" DsManage Need::Operator;
    DeleteDataBox2 "DeleteDataBox2" DsManage Need::Operator;
    DeleteDataBoxPromptly "DeleteDataBoxPromptly" DsManage Need::Operator;
    UpdateDataBoxDescr "UpdateDataBoxDescr" DsManage Need::Operator;
    UpdateDataBoxDescr2 "UpdateDataBoxDescr2" DsManage Need::Operator;
    DisableDataBoxExternally "DisableDataBoxExternally" DsManage Need::Operator;
    DisableDataBoxExternally2 "DisableDataBoxExternally2" DsManage Need::Operator;
    DisableOwnDataBox "DisableOwnDataBox" DsManage Need::Operator;
    DisableOwnDataBox2 "DisableOwnDataBox2" DsManage Need::Operator;
    EnableOwnDataBox "EnableOwnDataBox" DsManage Need::Operator;
    EnableOwnDataBox2 "EnableOwnDataBox2" DsManage Need::Operator;
    SetOpenAddressing "SetOpenAddressing" DsManage Need::OwnBoxOrOperator(Privileges::OWNER_ADM);
    ClearOpenAddressing "ClearOpenAddressing" DsManage Need::OwnBoxOrOperator(Privileges::OWNER_ADM);
    ChangeBoxesType "ChangeBoxesType" DsManage Need::Operator;
    NumOfMessages "NumOfMessages" DsManage Need::Nothing;
}

impl Operation {
    /// What a caller without the privilege is told: 1004, and the code of its own that the contract has for the vault
    /// (manual M 2.9).
    #[must_use]
    pub fn refusal(self) -> Status {
        match self {
            Self::EraseMessage => Status::NO_RIGHT_TO_ERASE,
            _ => Status::NO_RIGHT,
        }
    }

    /// The operation with this request element on this endpoint.
    #[must_use]
    pub fn find(endpoint: Endpoint, name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|op| op.endpoint() == endpoint && op.name() == name)
    }
}
