write-title = Nová datová zpráva
write-title-template = Úprava šablony
write-drafts = Rozepsané zprávy
write-templates = Šablony
write-recipients = Komu
write-to = Najít adresáta
write-to-help = Napište jméno, název firmy nebo úřadu, adresu, IČO nebo ID datové schránky.
write-search = Hledat
write-found-boxes = Nalezené schránky
write-found = { $n ->
    [0] Nic takového jsme nenašli
    [one] Nalezena { $n } schránka
    [few] Nalezeny { $n } schránky
    [many] Nalezeno { $n } schránky
   *[other] Nalezeno { $n } schránek
}
write-search-short = Napište aspoň dva znaky, které lze hledat.
write-search-no-right = Nemáte oprávnění hledat schránky. Zadejte celé ID datové schránky adresáta.
write-search-failed = Vyhledávání teď neodpovídá. Zadejte celé ID datové schránky adresáta.
write-add = Přidat
write-add-one = Přidat adresáta { $name }
write-drop = Odebrat
write-drop-one = Odebrat: { $name }
write-chosen = už vybrán
write-nobody = Zatím není vybrán žádný adresát.
write-cannot = Nelze odeslat:
write-no-such-box = Taková schránka není
write-box-authority = orgán veřejné moci
write-box-person = fyzická osoba
write-box-business = podnikající fyzická osoba
write-box-firm = právnická osoba
write-kind-public = Datová zpráva, zdarma
write-kind-postal = Poštovní datová zpráva (PDZ), placená
write-kind-nothing = Odsud tam zprávu poslat nelze
write-kind-disabled = Schránka je znepřístupněna
write-kind-contract = Poštovní datová zpráva (PDZ) za { $price } podle smlouvy
write-kind-credit = Poštovní datová zpráva (PDZ) za { $price } z kreditu schránky
write-kind-subsidy = Poštovní datová zpráva (PDZ), platí za vás schránka { $payer }
write-kind-reply = Odpověď (PDZ), platí ji schránka { $payer }, která o ni požádala
write-kind-initiating = Poštovní datová zpráva (PDZ) za { $price } s předplacenou odpovědí
write-large-road = {""}, velkoobjemová (VoDZ)
write-credit-short = Všechny zprávy dohromady stojí { $needed }, kredit schránky je { $left }. Některé se neodešlou.
write-message = Zpráva
write-subject = Věc
write-subject-reply = Odpověď:
write-subject-forward = Předáno:
write-no-subject = (bez věci)
write-more = Čísla jednací, spisové značky, k rukám, zmocnění
write-sender-ref = Naše číslo jednací
write-sender-ref-help = Jak zprávu vedete vy.
write-sender-ident = Naše spisová značka
write-recipient-ref = Vaše číslo jednací
write-recipient-ref-help = Jak věc vede adresát; u odpovědi z jeho zprávy.
write-recipient-ident = Vaše spisová značka
write-to-hands = K rukám
write-to-hands-help = Jméno člověka u adresáta, nejvýše 30 znaků.
write-legal-title = Zmocnění k zaslání
write-legal-title-help = Předpis, podle kterého zprávu posíláte. Vyplňují ho hlavně úřady.
write-law = Zákon č.
write-year = Rok
write-sect = Paragraf
write-par = Odstavec
write-point = Písmeno
write-attachments = Přílohy
write-files = Vybrat soubory
write-files-help = První příloha je hlavní dokument. Do { $ordinary } jde o běžnou zprávu, do { $large } o velkoobjemovou.
write-upload = Nahrát vybrané
write-drop-hint = Soubory sem můžete i přetáhnout.
write-rules = Jaké soubory lze poslat
write-rule-count = Nejvýše { $n } příloh v jedné zprávě.
write-rule-size = Dohromady do { $ordinary } běžnou zprávou, do { $large } velkoobjemovou (VoDZ).
write-rule-containers = Nejvýše { $n } souborů ZIP nebo ASiC. Uvnitř nesmí být další archiv, heslo ani nepovolený typ souboru.
write-rule-content = Obsah musí odpovídat příponě: přejmenovaný program neprojde.
write-rule-suffixes = Povolené přípony:
write-no-attachments = Zatím žádná příloha. Zpráva musí mít aspoň jednu.
write-main = hlavní dokument
write-up = Výš
write-up-one = Posunout výš: { $name }
write-down = Níž
write-down-one = Posunout níž: { $name }
write-total = Přílohy mají dohromady { $size }.
write-goes-large = Zpráva půjde jako velkoobjemová (VoDZ).
write-options = Jak doručit
write-personal = Do vlastních rukou
write-personal-help = Přečte ji jen ten, kdo u adresáta smí číst i zprávy do vlastních rukou.
write-no-fiction = Bez doručení fikcí
write-no-fiction-help = Zpráva se nebude považovat za doručenou uplynutím deseti dnů, jen přihlášením adresáta.
write-publish = Uvést mé jméno
write-publish-help = Adresát uvidí, kdo zprávu ze schránky odeslal.
write-wish = Druh poštovní zprávy
write-wish-help = Týká se jen adresátů, kteří nejsou úřadem. Obvykle stačí nechat volbu na systému.
write-wish-auto = podle možností schránky
write-wish-contract = podle smlouvy, ne jako odpověď
write-wish-credit = z kreditu, ne jako odpověď
write-wish-reply = jen jako odpověď, kterou platí adresát
write-wish-initiating = s předplacenou odpovědí (iniciační)
write-review = Zkontrolovat a odeslat
write-save = Uložit koncept
write-save-template = Uložit šablonu
write-saved = Koncept je uložen.
write-saved-at = Uloženo: { $time }
write-not-saved = Zpráva zatím není uložena. Opravte prosím označená pole; nic z toho, co jste napsali, se neztratilo.
write-keep-as-template = Ponechat jako šablonu
write-template-name = Název šablony
write-template-help = Šablona si podrží adresáty, pole i přílohy. Odešlete z ní zprávu kdykoli znovu.
write-keep-template = Uložit jako šablonu
write-template-kept = Šablona je uložena.
write-discard = Zahodit koncept
write-discard-template = Smazat šablonu
write-discard-short = Zahodit
write-discard-one = Zahodit: { $name }
write-discarded = Smazáno.
write-edit = Upravit
write-edit-one = Upravit: { $name }
write-conflict = Tento koncept mezitím změnilo jiné okno nebo někdo jiný. Vaše změny zde zůstaly, ale nejsou uloženy.
write-gone = Tento koncept už není: mezitím byl odeslán nebo zahozen. Co jste napsali, zde zůstalo.
write-being-sent = Tento koncept se právě odesílá, měnit ho už nejde.
write-no-room = Schránka už má tolik rozepsaných zpráv a šablon, kolik smí. Některé zahoďte a uložte znovu.
write-keep-copy = Uložit mé změny jako nový koncept
write-take-theirs = Zahodit mé změny a otevřít uložený koncept
write-file-form-used = Koncept z tohoto formuláře už vznikl. Otevřete ho a soubor přidejte v něm.
write-file-no-draft = Koncept už není, soubor nebylo kam uložit.
write-error-box = Některý z adresátů není platné ID schránky.
write-error-to = Takovou schránku neznáme. Vyberte adresáta z nalezených, nebo zadejte celé ID schránky.
write-error-long = { $n ->
    [one] Nejvýše { $n } znak.
    [few] Nejvýše { $n } znaky.
    [many] Nejvýše { $n } znaku.
   *[other] Nejvýše { $n } znaků.
}
write-error-number = Zadejte celé číslo.
write-error-recipients = Jedna zpráva může mít nejvýše 50 adresátů.
write-error-template-name = Zadejte název šablony, nejvýše 100 znaků.
write-word-uploading = Nahrává se
write-word-judging = Kontroluje se
write-word-failed = Nepodařilo se nahrát. Zkuste to znovu.
write-word-offline = Nejste připojeni; uložíme, jakmile to půjde.
write-word-saving = Ukládá se…
write-word-cancel = Zrušit
write-signed-out = Vaše přihlášení skončilo. Přihlaste se v jiném okně; co jste napsali, zde zůstává.
write-signed-out-title = Vaše přihlášení skončilo
write-signed-out-text = Nic z toho, co jste napsali, se neztratilo. Jen vybrané soubory bude třeba vybrat znovu.
write-signed-out-link = Přihlásit se v novém okně
write-signed-out-go-on = Pokračovat ve zprávě
write-drafts-text = Rozepsané zprávy vidí všichni, kdo smějí ze schránky odesílat.
write-templates-text = Zprávy, které posíláte opakovaně. Šablonu otevřete jako novou zprávu.
write-no-drafts = Nic rozepsaného tu není.
write-no-templates = Zatím žádná šablona. Uložíte ji z rozepsané zprávy.
write-under-way = (odesílá se)
write-recipients-count = { $n ->
    [0] bez adresáta
    [one] { $n } adresát
    [few] { $n } adresáti
    [many] { $n } adresáta
   *[other] { $n } adresátů
}
write-attachments-count = { $n ->
    [0] bez příloh
    [one] { $n } příloha
    [few] { $n } přílohy
    [many] { $n } přílohy
   *[other] { $n } příloh
}
write-next-page = Další
write-review-title = Zkontrolujte a odešlete
write-details = Podrobnosti obálky
write-yes = ano
write-needs-attachment = Zpráva musí mít aspoň jednu přílohu.
write-follows = Co se stane odesláním
write-follows-from-authority = Zpráva bude dodána do schránky adresáta. Doručena je, jakmile se přihlásí ten, kdo ji smí číst; nepřihlásí-li se nikdo do deseti dnů, považuje se za doručenou posledním dnem té lhůty, a připadne-li ten na den pracovního klidu, nejbližším pracovním dnem (§ 17 odst. 3 a 4 zákona č. 300/2008 Sb.).
write-follows-no-fiction = Zpráva bude dodána do schránky adresáta a doručena, jakmile se přihlásí ten, kdo ji smí číst. Uplynutím deseti dnů se za doručenou nepovažuje.
write-follows-to-authority = Podání je učiněno okamžikem, kdy dojde do schránky úřadu, a má stejné účinky, jako byste ho podali písemně a podepsali (§ 18 odst. 2 zákona č. 300/2008 Sb.).
write-follows-between-authorities = Dokument je doručen okamžikem dodání do schránky druhého úřadu.
write-follows-postal = Poštovní datová zpráva bude dodána do schránky adresáta; doručena je přihlášením toho, kdo ji smí číst, nejpozději posledním dnem desetidenní lhůty, a připadne-li ten na den pracovního klidu, nejbližším pracovním dnem (§ 18a zákona č. 300/2008 Sb.).
write-partly = Některým adresátům zprávu odeslat nelze. Odešle se ostatním a koncept zůstane pro ty zbylé.
write-send = Odeslat datovou zprávu
write-back = Zpět k úpravám
write-not-sendable = Takto zprávu odeslat nelze. Vraťte se k úpravám a doplňte, co chybí.
write-changed-before-sending = Koncept se mezitím změnil. Zkontrolujte ho prosím znovu; nic nebylo odesláno.
write-sending-title = Cesta zprávy
write-sent-count = { $n ->
    [0] Zatím se neodeslala žádná zpráva.
    [one] Odeslána { $n } zpráva.
    [few] Odeslány { $n } zprávy.
    [many] Odesláno { $n } zprávy.
   *[other] Odesláno { $n } zpráv.
}
write-refused-count = { $n ->
    [one] { $n } odeslat nešla.
    [few] { $n } odeslat nešly.
    [many] { $n } odeslat nešla.
   *[other] { $n } odeslat nešlo.
}
write-message-number = zpráva č. { $number }
write-step-submitted = podána
write-step-stamped = časové razítko
write-step-delivered = dodána do schránky
write-step-accepted = doručena
write-step-done = (hotovo)
write-state-sending = Odesílá se.
write-state-refused = Neodesláno:
write-state-1 = Podána, čeká na časové razítko.
write-state-2 = Opatřena časovým razítkem, dodává se.
write-state-3 = Nedodána: v příloze byl nalezen škodlivý kód.
write-state-4 = Dodána do schránky adresáta.
write-state-5 = Doručena fikcí.
write-state-6 = Doručena.
write-state-8 = Nedoručitelná: schránka adresáta byla zpětně znepřístupněna.
write-stalled = Odesílání se přerušilo. Co bylo odesláno, je odesláno; zbytek můžete dokončit.
write-resume = Pokračovat v odesílání
write-reload = Obnovit stav
write-another = Napsat další zprávu
write-back-to-rest = Vrátit se k těm, kterým zpráva neodešla
error-draft-changed-title = Koncept se mezitím změnil
error-draft-changed-text = Změnilo ho jiné okno nebo někdo jiný, nebo se právě odesílá. Otevřete ho prosím znovu z rozepsaných zpráv.
error-draft-room-title = Schránka nemá místo
error-draft-room-text = Má už tolik rozepsaných zpráv a šablon, kolik smí. Některé zahoďte a zkuste to znovu.
error-draft-content-title = Takto zprávu odeslat nelze
error-draft-content-text = Zpráva má mít aspoň jednoho a nejvýše 50 adresátů a šablona název do 100 znaků. Vraťte se k úpravám.
