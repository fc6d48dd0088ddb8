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
    /// The request was recorded and is carried out later.
    RECORDED = "0001" Documented "Úspěšně zaznamenáno";
    /// No box fits the search.
    NO_BOX_FOUND = "0002" Documented "Podmínkám neodpovídá žádná datová schránka.";
    /// More boxes fit than are returned.
    TOO_MANY_BOXES = "0003" Documented "Výběr zadán příliš obecně, výsledků je příliš mnoho";
    /// Some messages of a multiple one were not sent.
    SOME_NOT_SENT = "0004" Documented "Některé datové zprávy nebyly úspěšně odeslány.";
    /// A sealed document is returned without a timestamp.
    NO_TIMESTAMP = "0005" Documented "Nepodařilo se získat časové razítko pro elektronickou pečeť MV (pečetění datové zprávy při jejím stažení)";
    /// The only box found does not receive postal messages.
    RECEIVES_NO_POSTAL = "0009" Documented "Do této schránky není možno zaslat Poštovní datovou zprávu";
    /// The caller lacks the privilege.
    NO_RIGHT = "1004" Documented "Nemáte právo provést tuto akci";
    /// Not the form of a box ID.
    MALFORMED_BOX_ID = "1007" OwnText "Identifikátor datové schránky nemá platný tvar.";
    /// The holder has a box of this type already.
    BOX_EXISTS = "1010" Inferred "Tento subjekt již datovou schránku tohoto typu má.";
    /// The state of the box rules the request out.
    BOX_STATE_NOT_ALLOWED = "1011" Inferred "Ve stavu, ve kterém datová schránka je, nelze tuto akci provést.";
    /// The type of the box rules the request out.
    BOX_TYPE_NOT_ALLOWED = "1012" Inferred "U datové schránky tohoto typu nelze tuto akci provést.";
    /// A datum about the holder or a user is missing or of another form.
    HOLDER_DATA = "1013" Inferred "Chybné údaje o držiteli nebo uživateli datové schránky: {}";
    /// Not the number of primary users that a box of the type is founded with.
    PRIMARY_USERS = "1014" Inferred "Datová schránka tohoto typu se zřizuje s {}.";
    /// A day that may not be to come.
    DATE_IN_FUTURE = "1015" Inferred "Datum znepřístupnění nesmí být v budoucnosti.";
    /// The superior box is missing, or is none.
    SUPERIOR_BOX = "1017" Inferred "Nadřízená datová schránka musí být zadána a musí to být schránka orgánu veřejné moci.";
    /// A datum that the service does not change.
    HOLDER_DATA_FIXED = "1018" Inferred "Údaj {} nelze touto službou změnit.";
    /// The box was disabled on request too often.
    DISABLED_TOO_OFTEN = "1019" Inferred "Datová schránka byla během roku dvakrát znepřístupněna na žádost, zpřístupnit ji lze nejdříve {}.";
    /// No such user in the box.
    USER_NOT_FOUND = "1031" Inferred "Uživatel s těmito údaji v datové schránce není.";
    /// The person is a user of the box already.
    USER_EXISTS = "1032" Inferred "Osoba s těmito údaji již je uživatelem datové schránky.";
    /// A box of this type has no users of this kind.
    USER_TYPE_NOT_ALLOWED = "1033" Inferred "Uživatele typu {} nelze k této datové schránce přidat.";
    /// A user's kind cannot become this one.
    USER_TYPE_FIXED = "1034" Inferred "Typ tohoto uživatele nelze změnit na {}.";
    /// Privileges that a user of the kind cannot have.
    PRIVILEGES_NOT_ALLOWED = "1035" Inferred "Uživateli typu {} nelze tato oprávnění přidělit.";
    /// The holder of a natural person's box stays its user.
    HOLDER_STAYS = "1036" Inferred "Oprávněnou osobu schránky fyzické nebo podnikající fyzické osoby nelze zrušit, lze zrušit jen celou schránku.";
    /// More than one user fits what the caller says of one.
    USER_AMBIGUOUS = "1037" Inferred "Zadané údaje neurčují uživatele datové schránky jednoznačně.";
    /// Too many users were added to the box lately.
    TOO_MANY_USERS_ADDED = "1038" OwnText "Do datové schránky bylo za poslední den přidáno příliš mnoho osob, další přidejte později.";
    /// A day that is none, or two that make no interval.
    INVALID_DATE = "1058" OwnText "Neplatné datum nebo interval.";
    /// A password too short or too long. The contract's text says 32 and its operating rules allow 64 since 2021.
    PASSWORD_LENGTH = "1066" OwnText "Délka hesla musí být mezi 8 a 64 znaky";
    /// The new password is the old one.
    PASSWORD_SAME = "1067" Documented "Nové heslo nesmí být stejné jako staré";
    /// A character that a password cannot have; completed by it.
    PASSWORD_CHARACTER = "1079" Documented "Heslo nesmí obsahovat znak {}";
    /// A password without one of the three kinds of characters.
    PASSWORD_VARIETY = "1080" Documented "Nové heslo musí obsahovat alespoň jedno velké písmeno, malé písmeno i číslici";
    /// Three equal characters in a row.
    PASSWORD_REPETITION = "1081" Documented "Trojí opakování stejného znaku není dovoleno";
    /// The login name stands in the password.
    PASSWORD_HAS_LOGIN = "1082" Documented "Nové heslo nesmí obsahovat ID uživatele";
    /// One of the three beginnings that everybody thinks of.
    PASSWORD_TRIVIAL = "1083" Documented "Nové heslo nesmí mít takto triviální tvar";
    /// The old password is wrong.
    OLD_PASSWORD_WRONG = "1090" Documented "Zadané staré heslo není aktuálně platné";
    /// The new password was used before.
    PASSWORD_USED_BEFORE = "1091" Documented "Zadané nové heslo bylo již v minulosti použito";
    /// A day too long ago.
    DATE_TOO_OLD = "1093" OwnText "Příliš staré datum, údaje jsou k dispozici za posledních 15 měsíců.";
    /// Box type not given.
    BOX_TYPE_MISSING = "1101" OwnText "Není zadán typ datové schránky.";
    /// Too little to search by; completed by what is needed.
    SEARCH_INPUT_MISSING = "1102" Inferred "Pro vyhledání schránky tohoto typu zadejte {}.";
    /// More than one box of a kind that may be shown only alone.
    AMBIGUOUS_SEARCH = "1109" Documented "Parametry vyhledávání nedávají jednoznačný výsledek";
    /// An interval over 12 months, or with more records than one answer holds.
    INTERVAL_TOO_LONG = "1137" OwnText "Příliš dlouhý interval, zvolte nejvýše 12 měsíců a nejvýše 10000 záznamů.";
    /// Nothing to search for.
    NO_SEARCH_TEXT = "1152" Documented "Nezadaná vyhledávací fráze";
    /// Not the form of a box ID, in the search by words.
    INVALID_BOX_ID = "1153" Documented "Neplatné DB ID";
    /// Not the form of an identification number.
    INVALID_IC = "1154" Documented "Neplatné IČO";
    /// A value of a search that is none of those allowed.
    INVALID_SEARCH_INPUT = "1155" Documented "Neplatné vstupní parametry";
    /// A page of more boxes than are answered at once.
    PAGE_TOO_LARGE = "1156" Documented "Příliš velká hodnota pageSize";
    /// A text to search for is too short.
    SEARCH_TEXT_TOO_SHORT = "1180" Documented "Příliš krátká vyhledávací fráze.";
    /// A page behind the last that is answered.
    PAGE_TOO_HIGH = "1189" Documented "Příliš velká hodnota parametru page.";
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
    /// No right to erase messages of the vault.
    NO_RIGHT_TO_ERASE = "1218" OwnText "Nemáte oprávnění mazat zprávy z datového trezoru.";
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
    /// An initiating message without an identifier of its own.
    REPLY_IDENTIFIER = "1243" Inferred "Iniciační datová zpráva musí mít v poli Naše číslo jednací identifikátor, který odesílatel dosud u žádné iniciační zprávy nepoužil.";
    /// A large message asked of a service for ordinary ones, or the other way round.
    WRONG_SIZE_OF_MESSAGE = "1281" Documented "Zvolená služba není určena pro tento typ zprávy";
    /// The box has too many uploads that no message used yet.
    UPLOAD_QUOTA = "1286" Documented "Nelze vložit přílohu, nejprve použijte dříve vložené k odeslání zpráv";
    /// The first hash of an attachment is not that of the upload.
    FIRST_HASH_DIFFERS = "1288" OwnText "První hash přílohy se neshoduje s hashem vložené přílohy.";
    /// The second hash of an attachment is not that of the upload.
    SECOND_HASH_DIFFERS = "1289" OwnText "Druhý hash přílohy se neshoduje s hashem vložené přílohy.";
    /// Another box uploaded the attachment.
    UPLOAD_OF_OTHER_BOX = "1293" OwnText "Příloha s tímto identifikátorem patří jiné datové schránce.";
    /// No upload with this identifier, or it was purged.
    NO_UPLOAD = "1294" OwnText "Příloha s tímto identifikátorem není v úložišti příloh.";
    /// An attachment inside the call that creates a large message is too large.
    INLINE_ATTACHMENT_TOO_LARGE = "1295" Documented "Velikost přílohy v těle datové zprávy přesahuje povolenou délku.";
    /// Attachments over the limit of a large message.
    LARGE_MESSAGE_TOO_LARGE = "1296" Documented "Přílohy datové zprávy přesahují povolenu délku";
    /// Attachments that an ordinary message could carry.
    LARGE_MESSAGE_TOO_SMALL = "1297" Documented "Přílohy datové zprávy nedosahují minimální délky pro VODZ";
    /// Too many attachments or containers, or a name too long.
    ATTACHMENT_COUNT = "1298" Inferred "Datová zpráva smí mít nejvýše {}.";
    /// No attachment with this number; completed by it.
    NO_ATTACHMENT = "1299" Documented "Příloha {} neexistuje";
    /// An operation whose successor is to be called.
    SERVICE_ENDED = "1301" Documented "Služba byla ukončena, přejděte prosím na novější verzi WSDL.";
    /// No message that could be reported.
    NOT_AMONG_LIVE_MESSAGES = "1600" Documented "Zpráva se zadaným ID neexistuje mezi živými zprávami";
    /// A message of the system was reported.
    SYSTEM_MESSAGE_NOT_REPORTABLE = "1609" Documented "Systémovou zprávu nelze nahlásit jako spam";
    /// An authority's message was reported.
    AUTHORITY_NOT_REPORTABLE = "1610" Documented "Zprávu ze schránky typu OVM nelze nahlásit jako spam";
    /// The reported message lies in another box.
    NOT_FROM_OWN_BOX = "1611" Documented "Lze nahlásit pouze zprávu z vlastní schránky";
    /// The reported message lies in the vault.
    VAULT_NOT_REPORTABLE = "1612" Documented "Zprávu z datového trezoru nelze nahlásit jako spam";
    /// The reported message is too old.
    REPORTED_TOO_LATE = "1613" Documented "Zprávu s tímto nebo starším datem doručení nelze nahlásit jako spam";
    /// Not a telephone number.
    MALFORMED_TELEPHONE = "1614" Documented "Nepovolený formát telefonního čísla";
    /// Not an e-mail address.
    MALFORMED_MAIL_ADDRESS = "1615" Documented "Nepovolený formát e-mailové adresy";
    /// The reporter sent the message.
    REPORTER_IS_NOT_RECIPIENT = "1616" Documented "Oznamovatel musí být příjemcem nahlášené zprávy";
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
    /// The MIME type of an attachment is missing or is none.
    MIME_TYPE_MISSING = "2035" OwnText "Není uveden platný typ MIME přílohy (dmMimeType).";
    /// The scanner does not come to the end of a file; completed by its name.
    SCAN_TAKES_TOO_LONG = "2046" Documented "U souboru {} není možno v rozumném čase dokončit antivirovou kontrolu, proto byl odmítnut a nelze jej použít jako přílohu datové zprávy.";
    /// The caller is an application and has no user record.
    NO_USER_RECORD = "2102" OwnText "Přihlášená aplikace nemá záznam uživatele.";
    /// The caller is an internal user.
    INTERNAL_USER = "2103" OwnText "Přihlášený uživatel je interním uživatelem systému.";
    /// Data that are no sealed message or delivery info.
    NOT_A_SEALED_DOCUMENT = "2200" Documented "Předložená data nejsou ve formátu podepsané datové zprávy, dodejky ani doručenky.";
    /// A sealed document that this system does not recognise.
    UNKNOWN_SEALED_DOCUMENT = "2201" Documented "Předložená data neodpovídají žádné datové zprávě, dodejce ani doručence.";
    /// The seal needs no new one: it is CAdES already.
    NOT_TO_BE_SEALED_ANEW = "2204" Documented "Nejsou splněny podmínky pro provedení re-autorizace, volejte službu ArchiveISDSDocument pro archivaci.";
    /// The last evidence of the seal has expired.
    SEAL_EXPIRED = "2205" Documented "Platnost elektronické značky / pečeti MV vypršela. Archivace již není možná.";
    /// The last archive timestamp is good for long enough.
    NOT_YET_TO_BE_ARCHIVED = "2206" Documented "Dokument v tomto okamžiku splňuje podmínky dlouhodobé průkaznosti a není třeba jej zatím doplňovat časovým razítkem";
    /// The timestamp authority is silent.
    NO_TIMESTAMP_FOR_ARCHIVE = "2207" Documented "Nepodařilo se získat časové razítko. Opakujte akci později.";
    /// Something failed while a document was archived.
    ARCHIVING_FAILED = "2208" Documented "Neočekávaná chyba v procesu autorizace. Zkuste akci opakovat později, a pokud potíže přetrvávají, obraťte se na Infolinku.";
    /// Too soon after the last timestamp; completed by the hours that have to pass.
    STAMPED_TOO_RECENTLY = "2209" Documented "Od okamžiku získání posledního časového razítka neuplynula minimální lhůta {} hodin. Opakujte akci po uplynutí minimální lhůty.";
    /// Too many documents are being archived.
    TOO_MANY_ARCHIVED_AT_ONCE = "2210" Documented "Překročen povolený limit souběžných požadavků. Opakujte, prosím, požadavek později.";
    /// The seal has a form that cannot be raised.
    SEAL_NOT_RAISABLE = "2212" Documented "Nepodařilo se rozšířit podpis.";
    /// The seal is older than CAdES.
    TO_BE_SEALED_ANEW = "2214" Documented "Nejsou splněny podmínky pro provedení archivace, zavolejte službu Re-signISDSDocument pro získání novější verze pečeti.";
    /// No order with this identifier.
    NO_ASYNC_REQUEST = "2351" OwnText "Záznam o tomto požadavku neexistuje nebo byl smazán, zadejte požadavek znovu.";
    /// The order waits for its job.
    ASYNC_NOT_READY = "2352" OwnText "Požadavek dosud nebyl zpracován, opakujte dotaz později.";
    /// What came of the order was removed.
    ASYNC_RESPONSE_REMOVED = "2353" OwnText "Výsledek tohoto požadavku byl již smazán, zadejte požadavek znovu.";
    /// Too many lists of erased messages were ordered in a day.
    TOO_MANY_ORDERS = "2354" Inferred "Dnes bylo zadáno příliš mnoho požadavků na seznam smazaných zpráv, opakujte požadavek zítra.";
    /// A message was sealed without a timestamp twice within twenty minutes, and is asked for again.
    UNSTAMPED_TOO_OFTEN = "3005" OwnText "Zpráva byla během 20 minut již dvakrát vydána bez časového razítka pečeti. Stažení zopakujte později.";
    /// Delivering during a listing took too long.
    DELIVERY_TAKES_TOO_LONG = "3006" Documented "Doručování zpráv již trvá příliš dlouho, je nebezpečí rozpojení komunikace v důsledky timeoutu. Zkuste požadavek zavolat znovu.";
    /// Too many calls of a box at once; completed by its ID.
    TOO_MANY_PARALLEL_CALLS = "3008" Documented "Příliš mnoho paralelních požadavků pro DS {}";
    /// Another call of an account runs that is beyond its allowance.
    ACCOUNT_IS_BUSY = "3009" Documented "Právě se zpracovává jiný požadavek pro tento účet datové schránky, zašlete prosím Váš požadavek později.";
    /// The administrator of the system withholds the message from its recipient.
    WITHHELD = "3022" Documented "Správce zakázal stažení této zprávy (antiSpam opatření).";
    /// No box with the ID.
    BOX_NOT_FOUND = "5001" OwnText "Datová schránka nebyla nalezena.";
    /// An internal error; completed by a reference to the log.
    INTERNAL = "9000" Inferred "Vnitřní chyba systému, opakujte požadavek později. Referenční číslo: {}";
    /// The search itself failed.
    SEARCH_FAILED = "9002" OwnText "Vyhledávání je dočasně nedostupné, opakujte požadavek později.";
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
