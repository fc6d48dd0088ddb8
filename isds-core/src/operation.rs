//! The operations of the contract and the privilege each one needs, in one place.

use crate::privileges::Privileges;

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
    /// A read right: which of the two depends on the message, and is judged again once it is known.
    Read,
}

impl Need {
    /// Whether `held` may call at all.
    #[must_use]
    pub fn is_held_by(self, held: Privileges) -> bool {
        match self {
            Self::Nothing => true,
            Self::All(needed) => held.allows(needed),
            Self::Either(one, other) => held.allows(one) || held.allows(other),
            Self::Read => held.may_read(false),
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
    AuthenticateMessage "AuthenticateMessage" Dz Need::Nothing;
    DummyOperation "DummyOperation" Dz Need::Nothing;
    VerifyMessage "VerifyMessage" Dx Need::Read;
    MessageEnvelopeDownload "MessageEnvelopeDownload" Dx Need::All(Privileges::VIEW_INFO);
    SentMessageEnvelopeDownload "SentMessageEnvelopeDownload" Dx Need::Either(Privileges::VIEW_INFO, Privileges::CREATE_DM);
    MarkMessageAsDownloaded "MarkMessageAsDownloaded" Dx Need::Read;
    GetDeliveryInfo "GetDeliveryInfo" Dx Need::All(Privileges::VIEW_INFO);
    GetSignedDeliveryInfo "GetSignedDeliveryInfo" Dx Need::All(Privileges::VIEW_INFO);
    GetListOfReceivedMessages "GetListOfReceivedMessages" Dx Need::All(Privileges::VIEW_INFO);
    GetListOfSentMessages "GetListOfSentMessages" Dx Need::All(Privileges::VIEW_INFO);
    GetMessageStateChanges "GetMessageStateChanges" Dx Need::All(Privileges::VIEW_INFO);
    FindDataBox2 "FindDataBox2" Df Need::All(Privileges::SEARCH_DB);
    CheckDataBox "CheckDataBox" Df Need::All(Privileges::SEARCH_DB);
    GetOwnerInfoFromLogin2 "GetOwnerInfoFromLogin2" DsManage Need::Nothing;
    GetUserInfoFromLogin2 "GetUserInfoFromLogin2" DsManage Need::Nothing;
    GetPasswordInfo "GetPasswordInfo" DsManage Need::Nothing;
}

impl Operation {
    /// The operation with this request element on this endpoint.
    #[must_use]
    pub fn find(endpoint: Endpoint, name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|op| op.endpoint() == endpoint && op.name() == name)
    }
}
