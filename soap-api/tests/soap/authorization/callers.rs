//! The kinds of callers.

use isds_core::user::UserType;

/// Somebody who calls.
pub struct Caller {
    /// Heading of the column.
    pub heading: &'static str,
    pub about: &'static str,
    /// Login name; an application with the office's certificate has none.
    pub login: Option<&'static str>,
    /// The box whose messages, users and data the calls are about.
    pub target: &'static str,
    /// The box of whoever calls, as a user with these rights; those that the tests' own people do not have already.
    pub user: Option<(&'static str, UserType, u32)>,
}

const OFFICE: &str = "mesta2j";
const CLOSED: &str = "zivna27";

const fn entrusted(heading: &'static str, about: &'static str, login: &'static str, privileges: u32) -> Caller {
    Caller {
        heading,
        about,
        login: Some(login),
        target: OFFICE,
        user: Some((OFFICE, UserType::EntrustedUser, privileges)),
    }
}

const fn known(
    heading: &'static str,
    about: &'static str,
    login: Option<&'static str>,
    target: &'static str,
) -> Caller {
    Caller {
        heading,
        about,
        login,
        target,
        user: None,
    }
}

/// The columns. The first of them is the holder of what the calls are about.
pub const CALLERS: &[Caller] = &[
    known(
        "primary",
        "primary user of the office's box (OVM), all privileges",
        Some("mesto01"),
        OFFICE,
    ),
    entrusted("1", "entrusted user of it with READ_NON_PERSONAL alone", "pover001", 1),
    entrusted("2", "entrusted user with READ_ALL alone", "pover002", 2),
    entrusted("4", "entrusted user with CREATE_DM alone", "pover004", 4),
    entrusted("8", "entrusted user with VIEW_INFO alone", "pover008", 8),
    entrusted("16", "entrusted user with SEARCH_DB alone", "pover016", 16),
    entrusted(
        "32",
        "entrusted user with OWNER_ADM alone, which only the store can make",
        "pover032",
        32,
    ),
    entrusted("128", "entrusted user with ERASE_VAULT alone", "pover128", 128),
    entrusted(
        "1+8",
        "entrusted user with READ_NON_PERSONAL and VIEW_INFO",
        "pover009",
        9,
    ),
    known("none", "entrusted user without any privilege", Some("nikdo01"), OFFICE),
    Caller {
        user: Some((OFFICE, UserType::Administrator, 32)),
        ..known("admin", "administrator of the box, OWNER_ADM", Some("urad032"), OFFICE)
    },
    known(
        "system",
        "administrator of the system, who has no box",
        Some("spravce01"),
        OFFICE,
    ),
    known(
        "cert",
        "application with the system certificate of the box, privileges 159",
        None,
        OFFICE,
    ),
    Caller {
        user: Some(("kraj227", UserType::PrimaryUser, 255)),
        ..known(
            "other",
            "primary user of another authority's box; sends from its own",
            Some("kraj01"),
            OFFICE,
        )
    },
    Caller {
        user: Some((CLOSED, UserType::PrimaryUser, 255)),
        ..known(
            "closed",
            "primary user of a box (PFO) that is not accessible, asking for what is in that box",
            Some("truhl01"),
            CLOSED,
        )
    },
];

impl Caller {
    /// The caller's own box.
    pub fn own(&self) -> &'static str {
        self.user.as_ref().map_or(self.target, |user| user.0)
    }
}
