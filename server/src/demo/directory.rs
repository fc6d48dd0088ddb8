//! The demo directory: boxes, people and access data that every demo starts with. Scripts rely on it.

use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::user::UserType;
use jiff::civil::Date;

/// Password of everyone in the demo.
pub const PASSWORD: &str = "DemoHeslo2026";

/// A box of the demo.
pub struct DemoBox {
    /// Identifier.
    pub id: &'static str,
    /// Type.
    pub box_type: BoxType,
    /// State.
    pub state: BoxState,
    /// Given names, last name and day of birth of a natural person.
    pub person: Option<DemoPerson>,
    /// Name of the firm or authority.
    pub firm_name: Option<&'static str>,
    /// Identification number.
    pub ic: Option<&'static str>,
    /// Identifier of the authority.
    pub ovm_id: Option<&'static str>,
    /// Receives postal messages: firms and the self-employed always do (bulletin B2176).
    pub open_addressing: bool,
    /// Sends postal messages under a contract.
    pub postal_contract: bool,
    /// Street, house number, postal code, town.
    pub address: (&'static str, &'static str, &'static str, &'static str),
}

/// A login of the demo.
pub struct DemoLogin {
    /// Login name.
    pub login: &'static str,
    /// Box; none for the administrator of the system.
    pub box_id: Option<&'static str>,
    /// Index into [`PEOPLE`].
    pub person: usize,
    /// Kind of user.
    pub user_type: UserType,
    /// Privileges.
    pub privileges: u32,
}

/// Given names, last name, day of birth.
pub type DemoPerson = (&'static str, &'static str, Date);

const fn day(year: i16, month: i8, day: i8) -> Date {
    Date::constant(year, month, day)
}

/// People of the demo.
pub const PEOPLE: &[DemoPerson] = &[
    ("Jana", "Vzorová", day(1971, 3, 14)),
    ("Karel", "Podatelna", day(1985, 11, 2)),
    ("Irena", "Správná", day(1979, 6, 30)),
    ("Tomáš", "Krajský", day(1968, 1, 21)),
    ("Eva", "Strojní", day(1975, 9, 9)),
    ("Pavel", "Účetní", day(1990, 4, 17)),
    ("Milan", "Bankovní", day(1966, 12, 5)),
    ("Marie", "Dvořáková", day(1982, 7, 8)),
    ("Petr", "Vzorek", day(1977, 2, 26)),
    ("Jan", "Novák", day(1988, 5, 19)),
    ("Ladislav", "Zaniklý", day(1959, 10, 11)),
    ("Hana", "Provozní", day(1983, 8, 3)),
];

const DEMO_BOX: DemoBox = DemoBox {
    id: "",
    box_type: BoxType::Ovm,
    state: BoxState::Accessible,
    person: None,
    firm_name: None,
    ic: None,
    ovm_id: None,
    open_addressing: false,
    postal_contract: false,
    address: ("", "", "", ""),
};

/// Boxes of the demo.
pub const BOXES: &[DemoBox] = &[
    DemoBox {
        id: "mesta2j",
        box_type: BoxType::Ovm,
        firm_name: Some("Město Vzorov"),
        ic: Some("00099001"),
        ovm_id: Some("00099001"),
        address: ("Náměstí Míru", "1", "99901", "Vzorov"),
        ..DEMO_BOX
    },
    DemoBox {
        id: "kraj227",
        box_type: BoxType::Ovm,
        firm_name: Some("Krajský úřad Vzorového kraje"),
        ic: Some("00099002"),
        ovm_id: Some("00099002"),
        address: ("Krajská", "117", "99902", "Vzorov"),
        ..DEMO_BOX
    },
    DemoBox {
        id: "firma2x",
        box_type: BoxType::Po,
        firm_name: Some("Strojírny Vzor, s.r.o."),
        ic: Some("99900003"),
        open_addressing: true,
        address: ("Tovární", "22", "99903", "Vzorov"),
        ..DEMO_BOX
    },
    DemoBox {
        id: "banka2q",
        box_type: BoxType::Po,
        firm_name: Some("Vzorová banka, a.s."),
        ic: Some("99900004"),
        open_addressing: true,
        postal_contract: true,
        address: ("Peněžní", "5", "99904", "Vzorov"),
        ..DEMO_BOX
    },
    DemoBox {
        id: "advka2c",
        box_type: BoxType::PfoAdvok,
        person: Some(("Marie", "Vzorná", day(1982, 7, 8))),
        firm_name: Some("JUDr. Marie Vzorná, advokátka"),
        ic: Some("99900005"),
        open_addressing: true,
        address: ("Soudní", "8", "99905", "Vzorov"),
        ..DEMO_BOX
    },
    DemoBox {
        id: "zivna27",
        box_type: BoxType::Pfo,
        person: Some(("Petr", "Vzorek", day(1977, 2, 26))),
        firm_name: Some("Petr Vzorek – truhlářství"),
        ic: Some("99900006"),
        open_addressing: true,
        address: ("Dřevařská", "31", "99906", "Vzorov"),
        ..DEMO_BOX
    },
    DemoBox {
        id: "nvak22s",
        box_type: BoxType::Fo,
        person: Some(("Jan", "Novák", day(1988, 5, 19))),
        address: ("Lipová", "14", "99907", "Vzorov"),
        ..DEMO_BOX
    },
    DemoBox {
        id: "maria2f",
        box_type: BoxType::Fo,
        person: Some(("Marie", "Dvořáková", day(1982, 7, 8))),
        address: ("Zahradní", "3", "99908", "Vzorov"),
        ..DEMO_BOX
    },
    DemoBox {
        id: "zrus22r",
        box_type: BoxType::Po,
        state: BoxState::TemporarilyDisabled,
        firm_name: Some("Zrušená, s.r.o. v likvidaci"),
        ic: Some("99900009"),
        open_addressing: true,
        address: ("Zapomenutá", "99", "99909", "Vzorov"),
        ..DEMO_BOX
    },
];

/// Boxes with prepaid credit for postal messages, and how much, in hellers.
pub const CREDITS: &[(&str, i64)] = &[("firma2x", 50_000)];

const ALL: u32 = 255;

const fn primary(login: &'static str, box_id: &'static str, person: usize) -> DemoLogin {
    DemoLogin {
        login,
        box_id: Some(box_id),
        person,
        user_type: UserType::PrimaryUser,
        privileges: ALL,
    }
}

const fn other(
    login: &'static str,
    box_id: &'static str,
    person: usize,
    user_type: UserType,
    privileges: u32,
) -> DemoLogin {
    DemoLogin {
        login,
        box_id: Some(box_id),
        person,
        user_type,
        privileges,
    }
}

/// Logins of the demo. `advok01` and `dvora01` are one person.
pub const LOGINS: &[DemoLogin] = &[
    primary("mesto01", "mesta2j", 0),
    other("mesto02", "mesta2j", 1, UserType::EntrustedUser, 1 + 4 + 8 + 16),
    other("mesto03", "mesta2j", 2, UserType::Administrator, 32),
    primary("kraj01", "kraj227", 3),
    primary("firma01", "firma2x", 4),
    other("firma02", "firma2x", 5, UserType::EntrustedUser, 8),
    primary("banka01", "banka2q", 6),
    primary("advok01", "advka2c", 7),
    primary("truhl01", "zivna27", 8),
    primary("novak01", "nvak22s", 9),
    primary("dvora01", "maria2f", 7),
    primary("zrus01", "zrus22r", 10),
    DemoLogin {
        login: "spravce01",
        box_id: None,
        person: 11,
        user_type: UserType::Official,
        privileges: 0,
    },
];
