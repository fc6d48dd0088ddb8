//! What is recorded: one name for each, which never changes, since it is searched for and exported.

/// What kinds of actions have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AuditGroup {
    /// Signing in and out, passwords and other factors.
    SignIn,
    /// Messages.
    Messages,
    /// Users and their access data.
    Users,
    /// Boxes.
    Boxes,
    /// Credit, contracts, subsidies.
    Money,
    /// Settings of a box or a person.
    Settings,
    /// Bulk sending.
    Bulk,
    /// Administration of the system.
    Administration,
}

impl AuditGroup {
    /// All groups.
    pub const ALL: [Self; 8] = [
        Self::SignIn,
        Self::Messages,
        Self::Users,
        Self::Boxes,
        Self::Money,
        Self::Settings,
        Self::Bulk,
        Self::Administration,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Messages => "messages",
            Self::Users => "users",
            Self::Boxes => "boxes",
            Self::Money => "money",
            Self::Settings => "settings",
            Self::Bulk => "bulk",
            Self::Administration => "administration",
        }
    }

    /// The group with the name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.name() == name)
    }
}

macro_rules! actions {
    ($( $(#[$doc:meta])* $variant:ident $code:literal $group:ident $name:literal; )*) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AuditAction {
            $( $(#[$doc])* $variant = $code, )*
        }

        impl AuditAction {
            /// All actions.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// Its name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }

            /// The group that it belongs to.
            #[must_use]
            pub fn group(self) -> AuditGroup {
                match self { $( Self::$variant => AuditGroup::$group, )* }
            }
        }
    };
}

actions! {
    /// Somebody signed in to the mailbox.
    SignedIn 100 SignIn "signed-in";
    /// Somebody signed out.
    SignedOut 101 SignIn "signed-out";
    /// A sign-in failed: wrong name or password, or locked.
    SignInFailed 102 SignIn "sign-in-failed";
    /// Other sessions of the person were ended.
    SessionsEnded 103 SignIn "sessions-ended";
    /// A password was changed.
    PasswordChanged 110 SignIn "password-changed";
    /// Whether the password expires was chosen.
    PasswordExpiryChosen 111 SignIn "password-expiry-chosen";
    /// A passkey or a generator of codes was added.
    FactorAdded 112 SignIn "factor-added";
    /// A passkey or a generator of codes was removed.
    FactorRemoved 113 SignIn "factor-removed";

    /// A message was sent. Messages themselves name their authors; this is for what sends many at once.
    MessageSent 200 Messages "message-sent";
    /// A message was opened.
    MessageRead 201 Messages "message-read";
    /// A message or a form of it was downloaded.
    MessageDownloaded 202 Messages "message-downloaded";
    /// A message was erased from the vault.
    MessageErased 203 Messages "message-erased";
    /// Waiting messages were delivered because somebody opened the inbox or fetched the list.
    DeliveredByLogin 204 Messages "delivered-by-login";
    /// Messages were delivered by fiction.
    DeliveredByFiction 205 Messages "delivered-by-fiction";
    /// A message was put into the vault.
    MessageKept 206 Messages "message-kept";
    /// A message was reported as suspicious.
    MessageReported 207 Messages "message-reported";
    /// Tags, threads or marks of messages were changed.
    MessageMarked 208 Messages "message-marked";
    /// The retention of a side's copy ended, and it was erased.
    RetentionEnded 209 Messages "retention-ended";

    /// A user was added.
    UserAdded 300 Users "user-added";
    /// A user was changed.
    UserChanged 301 Users "user-changed";
    /// A user was removed.
    UserRemoved 302 Users "user-removed";
    /// New access data were issued.
    AccessDataIssued 303 Users "access-data-issued";

    /// A box was founded.
    BoxCreated 400 Boxes "box-created";
    /// Data of a box were changed.
    BoxChanged 401 Boxes "box-changed";
    /// The type of a box was changed.
    BoxTypeChanged 402 Boxes "box-type-changed";
    /// A box was disabled for a time.
    BoxDisabled 403 Boxes "box-disabled";
    /// A box was made accessible again.
    BoxEnabled 404 Boxes "box-enabled";
    /// A box was disabled for good.
    BoxTerminated 405 Boxes "box-terminated";
    /// A box was deleted.
    BoxDeleted 406 Boxes "box-deleted";
    /// A new box became accessible.
    BoxActivated 407 Boxes "box-activated";
    /// Whether a box receives postal messages was chosen.
    PostalReceptionChosen 408 Boxes "postal-reception-chosen";
    /// Boxes of one holder were merged.
    BoxesMerged 409 Boxes "boxes-merged";

    /// Credit was topped up.
    CreditToppedUp 500 Money "credit-topped-up";
    /// Credit was paid back.
    CreditWithdrawn 501 Money "credit-withdrawn";
    /// A contract to send postal messages began or ended.
    PostalContractSet 502 Money "postal-contract-set";
    /// A subsidy was granted.
    SubsidyGranted 503 Money "subsidy-granted";
    /// A subsidy was ended.
    SubsidyEnded 504 Money "subsidy-ended";
    /// A vault was bought from credit.
    VaultBought 505 Money "vault-bought";
    /// A vault was granted.
    VaultGranted 506 Money "vault-granted";

    /// Settings were changed; the detail names which.
    SettingsChanged 600 Settings "settings-changed";
    /// An address for notifications was given, confirmed or removed.
    NoticeAddressChanged 601 Settings "notice-address-changed";
    /// It was chosen what to be notified of.
    NoticesChosen 602 Settings "notices-chosen";
    /// A system certificate was registered.
    CertificateAdded 603 Settings "certificate-added";
    /// A system certificate was removed.
    CertificateRemoved 604 Settings "certificate-removed";

    /// A bulk job was begun.
    BulkBegun 700 Bulk "bulk-begun";
    /// A bulk job was paused.
    BulkPaused 701 Bulk "bulk-paused";
    /// A bulk job was resumed.
    BulkResumed 702 Bulk "bulk-resumed";
    /// A bulk job came to its end.
    BulkFinished 703 Bulk "bulk-finished";
    /// A bulk job was given up.
    BulkCancelled 704 Bulk "bulk-cancelled";

    /// A message was withheld from its recipient.
    MessageWithheld 800 Administration "message-withheld";
    /// A withheld message was released.
    MessageReleased 801 Administration "message-released";
    /// Limits of the system were changed.
    LimitsChanged 802 Administration "limits-changed";
    /// A system message was sent to boxes.
    SystemMessageSent 803 Administration "system-message-sent";
    /// A mass import was run.
    ImportRun 804 Administration "import-run";
    /// Records of who did what were exported.
    AuditExported 805 Administration "audit-exported";
    /// A job was tried again or given up by hand.
    JobHandled 806 Administration "job-handled";
    /// An administrator of the system was added.
    OperatorAdded 807 Administration "operator-added";
    /// A report of a suspicious message was settled.
    ReportSettled 808 Administration "report-settled";
    /// Data of a box or a person were looked at by an administrator of the system.
    DataViewed 809 Administration "data-viewed";
    /// A lock after failed sign-ins was lifted; the detail says whether of an account or of an address.
    LockLifted 810 Administration "lock-lifted";
    /// A table of boxes was brought and checked.
    ImportBrought 811 Administration "import-brought";
    /// Records of who did what were looked at by an administrator of the system.
    AuditViewed 812 Administration "audit-viewed";
    /// The chain of records was examined; the detail says what was found.
    AuditExamined 813 Administration "audit-examined";
    /// Somebody who is no administrator of the system asked for its console.
    ConsoleRefused 814 Administration "console-refused";
    /// Access data were locked by an administrator of the system.
    AccountLocked 815 Administration "account-locked";
    /// Access data that were locked are good again.
    AccountUnlocked 816 Administration "account-unlocked";
    /// Records found no place and were lost; the detail says how many.
    RecordsLost 899 Administration "records-lost";
}

impl AuditAction {
    /// Number kept in the database.
    #[must_use]
    pub fn code(self) -> i16 {
        self as i16
    }

    /// The action with the number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.code() == code)
    }

    /// The action with the name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }
}
