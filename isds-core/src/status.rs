//! The one table of status codes with their Czech texts.
//!
//! A text in which `{}` stands is completed by [`Refusal::about`](crate::Refusal::about). Where the contract knows a code without its text, the text is
//! our own; where it knows no code for a case, the code is chosen here and marked as inferred.

use std::fmt;

/// Where a code and its text come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Code and text stand in the contract.
    Documented,
    /// The code stands in the contract, the text is our own.
    OwnText,
    /// The contract has no code for the case; this one was chosen.
    Inferred,
}

/// A status code of the contract, `dmStatusCode` or `dbStatusCode`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Status {
    code: &'static str,
    text: &'static str,
    evidence: Evidence,
}

macro_rules! statuses {
    ($( $(#[$doc:meta])* $name:ident = $code:literal $evidence:ident $text:literal; )*) => {
        impl Status {
            $( $(#[$doc])* pub const $name: Self = Self { code: $code, text: $text, evidence: Evidence::$evidence }; )*

            /// The whole table, ordered by code.
            pub const ALL: &'static [Self] = &[ $( Self::$name, )* ];
        }
    };
}

statuses! {
    /// Success.
    OK = "0000" Documented "Provedeno úspěšně.";
    /// No box fits the search.
    NO_BOX_FOUND = "0002" Documented "Podmínkám neodpovídá žádná datová schránka.";
    /// More boxes fit than are returned.
    TOO_MANY_BOXES = "0003" Documented "Výběr zadán příliš obecně, výsledků je příliš mnoho";
    /// A sealed document is returned without a timestamp.
    NO_TIMESTAMP = "0005" Documented "Nepodařilo se získat časové razítko pro elektronickou pečeť MV (pečetění datové zprávy při jejím stažení)";
    /// The only box found does not receive postal messages.
    RECEIVES_NO_POSTAL = "0009" Documented "Do této schránky není možno zaslat Poštovní datovou zprávu";
    /// The caller lacks the privilege.
    NO_RIGHT = "1004" Documented "Nemáte právo provést tuto akci";
    /// Not the form of a box ID.
    MALFORMED_BOX_ID = "1007" OwnText "Identifikátor datové schránky nemá platný tvar.";
    /// Box type not given.
    BOX_TYPE_MISSING = "1101" OwnText "Není zadán typ datové schránky.";
    /// Too little to search by; completed by what is needed.
    SEARCH_INPUT_MISSING = "1102" Inferred "Pro vyhledání schránky tohoto typu zadejte {}.";
    /// More than one box of a kind that may be shown only alone.
    AMBIGUOUS_SEARCH = "1109" Documented "Parametry vyhledávání nedávají jednoznačný výsledek";
    /// A text to search for is too short.
    SEARCH_TEXT_TOO_SHORT = "1180" Documented "Příliš krátká vyhledávací fráze.";
    /// Attachments over the limit of an ordinary message.
    MESSAGE_TOO_LARGE = "1200" Documented "Překročen limit na velikost datové zprávy";
    /// The caller's box is not accessible.
    SENDER_BOX_INACCESSIBLE = "1201" OwnText "Vaše datová schránka není přístupná, zprávu z ní nelze odeslat.";
    /// No such recipient, or one to which nothing can be sent.
    RECIPIENT_UNAVAILABLE = "1203" Inferred "Datová schránka příjemce neexistuje nebo do ní nelze dodávat zprávy.";
    /// Too little credit for a postal message.
    INSUFFICIENT_CREDIT = "1205" OwnText "Na odeslání Poštovní datové zprávy není dostatečný kredit.";
    /// The message belongs to another box or goes the other way.
    OTHER_BOX = "1211" OwnText "Zpráva s tímto identifikátorem nepatří do Vaší datové schránky nebo má opačný směr.";
    /// An attachment's format is not allowed or does not agree with its name; completed by the rule and the file.
    ATTACHMENT_FORMAT = "1214" Documented "{}";
    /// Sender and recipient are one box.
    OWN_BOX = "1216" OwnText "Zprávu nelze odeslat do vlastní datové schránky.";
    /// No such message, or its content is gone.
    NO_MESSAGE = "1219" OwnText "Zpráva s tímto identifikátorem neexistuje nebo byla smazána.";
    /// A received message that was not yet delivered by login.
    NOT_YET_DELIVERED = "1222" OwnText "Zpráva ještě nebyla doručena přihlášením, nejprve stáhněte seznam přijatých zpráv.";
    /// A sent message that was not yet delivered in.
    NOT_YET_DELIVERED_IN = "1229" OwnText "Zpráva dosud nebyla dodána do datové schránky příjemce.";
    /// Neither side is an authority and the recipient takes no postal messages.
    RECIPIENT_TAKES_NO_POSTAL = "1232" Documented "Odesilatel ani příjemce datové zprávy není OVM a příjemce nedovolil příjem Poštovních datových zpráv";
    /// Neither side is an authority and the message is marked as public.
    NOT_MARKED_POSTAL = "1233" Documented "Odesilatel ani příjemce datové zprávy není OVM a zpráva je označena jako nekomerční.";
    /// A reply message without the initiating one.
    NO_INITIATING_MESSAGE = "1234" Documented "Nemáte možnost odesílat odpovědní zprávu do zvolené schránky s identifikátorem uvedeným v poli pro Vaše číslo jednací";
    /// An initiating message without a contract.
    NO_CONTRACT = "1242" Documented "Není možné zasílat iniciační datovou zprávu bez smlouvy s provozovatelem systému";
    /// Too many attachments or containers, or a name too long.
    ATTACHMENT_COUNT = "1298" Inferred "Datová zpráva smí mít nejvýše {}.";
    /// The request's element names no operation of this endpoint.
    UNKNOWN_OPERATION = "2006" Documented "Unknown operation: {}";
    /// A required element is missing or its value is not of its type.
    INVALID_STRUCTURE = "2007" OwnText "Chyba ve struktuře vstupních dat: {}";
    /// A document of the message is malformed.
    INVALID_DOCUMENT = "2010" OwnText "Chybná struktura písemnosti: {}";
    /// Not the form of a box ID, in searches.
    MALFORMED_ID = "2011" OwnText "Identifikátor datové schránky nemá platný tvar.";
    /// A value that cannot be read.
    SYNTAX = "2017" Documented "Chyba v syntaxi data: {}";
    /// A message without any document.
    NO_DOCUMENT = "2032" OwnText "Datová zpráva neobsahuje žádnou písemnost.";
    /// The caller is an application and has no user record.
    NO_USER_RECORD = "2102" OwnText "Přihlášená aplikace nemá záznam uživatele.";
    /// The caller is an internal user.
    INTERNAL_USER = "2103" OwnText "Přihlášený uživatel je interním uživatelem systému.";
    /// Data that are no sealed message or delivery info.
    NOT_A_SEALED_DOCUMENT = "2200" Documented "Předložená data nejsou ve formátu podepsané datové zprávy, dodejky ani doručenky.";
    /// Delivering during a listing took too long.
    DELIVERY_TAKES_TOO_LONG = "3006" Documented "Doručování zpráv již trvá příliš dlouho, je nebezpečí rozpojení komunikace v důsledky timeoutu. Zkuste požadavek zavolat znovu.";
    /// No box with the ID.
    BOX_NOT_FOUND = "5001" OwnText "Datová schránka nebyla nalezena.";
    /// An internal error; completed by a reference to the log.
    INTERNAL = "9000" Inferred "Vnitřní chyba systému, opakujte požadavek později. Referenční číslo: {}";
}

impl Status {
    /// Four digits.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Czech text, possibly with a `{}` to complete.
    #[must_use]
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Where code and text come from.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        self.evidence
    }

    /// Codes that begin with `00` accompany a result (manual M 1.3).
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.code.starts_with("00")
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Status({})", self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_ordered_and_without_repetition() {
        for pair in Status::ALL.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} before {}", pair[0].code, pair[1].code);
        }
        for status in Status::ALL {
            assert_eq!(status.code.len(), 4);
            assert!(status.code.bytes().all(|b| b.is_ascii_digit()));
            assert!(status.text.matches("{}").count() <= 1);
            assert!(!status.text.is_empty());
        }
    }
}
