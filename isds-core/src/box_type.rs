//! Types of data boxes with their numeric codes (manuals V and S, bulletins B2173 and B2178).

use serde::{Deserialize, Serialize};

macro_rules! box_types {
    ($( $(#[$doc:meta])* $variant:ident = $code:literal, $name:literal; )*) => {
        /// Type of a data box. The number is `dmSenderType` of a message, the name is `tDbType` of the XSD.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum BoxType { $( $(#[$doc])* $variant = $code, )* }

        impl BoxType {
            /// All types that a box can have today.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// Name in the contract (`tDbType`).
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }
        }
    };
}

box_types! {
    /// A box of the system itself.
    System = 0, "SYSTEM";
    /// Public authority.
    Ovm = 10, "OVM";
    /// Public authority, established on request.
    OvmReq = 13, "OVM_REQ";
    /// Natural person in the position of a public authority.
    OvmFo = 14, "OVM_FO";
    /// Self-employed person in the position of a public authority (notary, bailiff).
    OvmPfo = 15, "OVM_PFO";
    /// Legal person that was a public authority; counts as a legal person since 2026 (B2239).
    OvmPo = 16, "OVM_PO";
    /// Legal person.
    Po = 20, "PO";
    /// Legal person, established on request.
    PoReq = 22, "PO_REQ";
    /// Self-employed person.
    Pfo = 30, "PFO";
    /// Attorney.
    PfoAdvok = 31, "PFO_ADVOK";
    /// Tax adviser.
    PfoDanpor = 32, "PFO_DANPOR";
    /// Insolvency administrator.
    PfoInsspr = 33, "PFO_INSSPR";
    /// Statutory auditor.
    PfoAuditor = 34, "PFO_AUDITOR";
    /// Court expert.
    PfoZnalec = 35, "PFO_ZNALEC";
    /// Court interpreter.
    PfoTlumocnik = 36, "PFO_TLUMOCNIK";
    /// Architect.
    PfoArch = 37, "PFO_ARCH";
    /// Chartered engineer or technician.
    PfoAiat = 38, "PFO_AIAT";
    /// Authorised land surveyor.
    PfoAzi = 39, "PFO_AZI";
    /// Natural person.
    Fo = 40, "FO";
    /// Self-employed person, established on request.
    PfoReq = 50, "PFO_REQ";
}

impl BoxType {
    /// Numeric code (`dmSenderType`).
    #[must_use]
    pub fn code(self) -> i32 {
        self as i32
    }

    /// The type with the numeric code.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.iter().copied().find(|t| t.code() == code)
    }

    /// Acts as a public authority: its messages are public, and public messages reach it from anybody.
    #[must_use]
    pub fn is_ovm(self) -> bool {
        matches!(
            self,
            Self::System | Self::Ovm | Self::OvmReq | Self::OvmFo | Self::OvmPfo
        )
    }

    /// Stands in the public list of holders whether its holder asks for it or not: authorities and legal persons.
    #[must_use]
    pub fn is_public(self) -> bool {
        matches!(self.code(), 10..=29)
    }

    /// Belongs to a natural person who is no business.
    #[must_use]
    pub fn is_fo(self) -> bool {
        self == Self::Fo
    }

    /// Belongs to a self-employed person of whatever profession.
    #[must_use]
    pub fn is_pfo(self) -> bool {
        matches!(self.code(), 30..=39 | 50)
    }

    /// Its holder's name is a person's name, not (only) a firm's.
    #[must_use]
    pub fn is_natural_person(self) -> bool {
        self.is_fo() || self.is_pfo() || matches!(self, Self::OvmFo | Self::OvmPfo)
    }
}

/// What a caller of FindDataBox2 asks for in `dbType`: one type or a family of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxTypeQuery {
    /// Types that fit.
    pub types: Vec<BoxType>,
    /// Family by whose rules the minimum input is judged.
    pub family: BoxFamily,
}

/// Families with the same minimum input of a search (manual V 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoxFamily {
    /// Last name needed.
    Fo,
    /// Identification number, firm name or last name needed.
    Pfo,
    /// Identification number or firm name needed.
    PoOrOvm,
    /// Firm name needed.
    OvmReq,
}

impl BoxTypeQuery {
    /// Expands the `dbType` of a search (manual V 2.1, bulletins B2239 and B2178); `None` for an unknown name.
    ///
    /// B2239 leaves 33 out of the expansion of PFO and counts 16 to PO; the first is taken for a slip.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        use BoxType as T;
        let (types, family): (Vec<T>, _) = match name {
            "FO" => (vec![T::Fo], BoxFamily::Fo),
            "PFO" => (T::ALL.iter().copied().filter(|t| t.is_pfo()).collect(), BoxFamily::Pfo),
            "PFO_BASE" => (vec![T::Pfo], BoxFamily::Pfo),
            "PO" => (vec![T::Po, T::PoReq, T::OvmPo], BoxFamily::PoOrOvm),
            "PO_BASE" | "PO_ZAK" => (vec![T::Po], BoxFamily::PoOrOvm),
            "OVM" | "OVM_PO" => (vec![T::Ovm, T::OvmReq, T::OvmFo, T::OvmPfo], BoxFamily::PoOrOvm),
            "OVM_MAIN" => (vec![T::Ovm], BoxFamily::PoOrOvm),
            "OVM_FO" | "OVM_PFO" | "OVM_EXEKUT" | "OVM_NOTAR" => (vec![T::OvmFo, T::OvmPfo], BoxFamily::Pfo),
            _ => {
                let exact = T::ALL.iter().copied().find(|t| *t != T::System && t.name() == name)?;
                let family = match exact {
                    T::OvmReq => BoxFamily::OvmReq,
                    t if t.is_pfo() => BoxFamily::Pfo,
                    _ => BoxFamily::PoOrOvm,
                };
                (vec![exact], family)
            }
        };
        Some(Self { types, family })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_contract() {
        assert_eq!(BoxType::PfoAdvok.code(), 31);
        assert_eq!(BoxType::from_code(50), Some(BoxType::PfoReq));
        assert_eq!(BoxType::from_code(21), None);
        for t in BoxType::ALL {
            assert_eq!(BoxType::from_code(t.code()), Some(*t));
        }
    }

    #[test]
    fn expansion() {
        let codes = |name| {
            BoxTypeQuery::parse(name)
                .unwrap()
                .types
                .iter()
                .map(|t| t.code())
                .collect::<Vec<_>>()
        };
        assert_eq!(codes("PFO"), [30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 50]);
        assert_eq!(codes("PO"), [20, 22, 16]);
        assert_eq!(codes("OVM"), [10, 13, 14, 15]);
        assert_eq!(codes("OVM_PFO"), [14, 15]);
        assert_eq!(codes("PFO_ADVOK"), [31]);
        assert_eq!(codes("PO_ZAK"), [20]);
        assert_eq!(BoxTypeQuery::parse("SYSTEM"), None);
        assert_eq!(BoxTypeQuery::parse("XYZ"), None);
    }
}
