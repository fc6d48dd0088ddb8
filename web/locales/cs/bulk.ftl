bulk-title = Hromadné odeslání
bulk-intro = Pošlete jednu zprávu mnoha adresátům z tabulky. Nejprve se ověří adresy, potom se všechny zprávy sestaví nanečisto, a teprve pak je odešlete.
bulk-jobs = Hromadná odeslání této schránky
bulk-no-jobs = Zatím tu žádné hromadné odeslání není.
bulk-name = Název
bulk-name-help = Pro vaši orientaci, adresáti jej neuvidí. Bez něj se použije název souboru.
bulk-nameless = Bez názvu
bulk-state = Stav
bulk-rows = Řádků
bulk-created-at = Založeno
bulk-by = Založil(a)
bulk-older = Starší
bulk-all-jobs = Všechna hromadná odeslání
bulk-back = Zpět na přehled odeslání
bulk-progress-short = { $done } z { $total }
bulk-new = Nové hromadné odeslání
bulk-table = Tabulka s adresáty (CSV)
bulk-table-help = Uložte tabulku jako CSV v kódování UTF-8 nebo Windows-1250; sloupce oddělte středníkem, čárkou nebo tabulátorem. První řádek obsahuje názvy sloupců. Nejvýše { $n } řádků.
bulk-upload = Nahrát tabulku
bulk-created = Tabulka je nahraná. Určete, co který sloupec znamená.
bulk-saved = Uloženo.
bulk-table-missing = Vyberte soubor s tabulkou.
bulk-table-empty = Soubor je prázdný.
bulk-table-large = Soubor je příliš velký, tabulka smí mít nejvýše { $n } MB.
bulk-table-encoding = Soubor není v kódování UTF-8 ani Windows-1250. Uložte jej v tabulkovém programu jako „CSV UTF-8“.
bulk-table-zero = Na řádku { $n } souboru je nulový bajt. Není to textová tabulka, nebo je v kódování UTF-16; uložte ji jako „CSV UTF-8“.
bulk-table-no-header = První řádek neobsahuje názvy sloupců. Doplňte nad data řádek s názvy; žádný název nesmí chybět, být číslem ani identifikátorem schránky.
bulk-table-long-name = Název sloupce „{ $name }“ je příliš dlouhý.
bulk-table-same-name = Název sloupce „{ $name }“ je v tabulce dvakrát.
bulk-table-columns = Tabulka smí mít nejvýše { $n } sloupců.
bulk-table-no-rows = Pod názvy sloupců není žádný řádek.
bulk-table-rows = Tabulka smí mít nejvýše { $n } řádků. Rozdělte ji na více odeslání.
bulk-table-ragged = Řádek { $row } má { $found } buněk, ale sloupců je { $expected }. Buňka s oddělovačem musí být v uvozovkách.
bulk-table-long-cell = Buňka ve sloupci „{ $column }“ na řádku { $row } je delší než { $most } znaků. Nechybí někde uvozovky?
bulk-table-malformed = Soubor není tabulka ve formátu CSV.
bulk-table-wrong = Tabulku nelze použít.
bulk-too-many-jobs = Schránka už má 100 hromadných odeslání. Odstraňte některé, které nepotřebujete; odeslané zprávy zůstanou.
bulk-changed-before-sending = Odeslání mezitím někdo změnil. Nic se neodeslalo. Prohlédněte si, co se odešle teď.
bulk-changed = Odeslání mezitím někdo změnil. Zkontrolujte je a uložte znovu.
bulk-wrong-state = To teď nelze, odeslání je v jiném stavu.
bulk-nothing-to-send = Není co odeslat.
bulk-settings-missing = Ještě něco chybí: zkontrolujte sloupce, zprávu a soubory.
bulk-not-done = Nepodařilo se to.
bulk-state-draft = Rozepsáno
bulk-state-checking = Ověřují se adresy
bulk-state-checked = Adresy ověřeny
bulk-state-trying = Zkouší se nanečisto
bulk-state-tried = Připraveno k odeslání
bulk-state-running = Odesílá se
bulk-state-paused = Pozastaveno
bulk-state-done = Dokončeno
bulk-state-stopped = Ukončeno
bulk-row-new = Neověřeno
bulk-row-addressed = Adresa nalezena
bulk-row-unaddressed = Adresa nenalezena
bulk-row-ready = K odeslání
bulk-row-faulty = Nelze sestavit
bulk-row-left-out = Vynecháno
bulk-row-sent = Odesláno
bulk-row-refused = Odmítnuto
bulk-mark-looked-up = dohledáno
bulk-mark-duplicate = opakovaný adresát
bulk-mark-gap = prázdné pole
bulk-mark-large = velkoobjemová
bulk-phase-submitted = podána
bulk-phase-infected = zadržena, obsahuje škodlivý kód
bulk-phase-delivered-in = dodána do schránky
bulk-phase-fiction = doručena fikcí
bulk-phase-accepted = doručena přihlášením
bulk-phase-undeliverable = nedoručitelná
bulk-kind-public = veřejná zpráva, zdarma
bulk-kind-postal = poštovní datová zpráva
bulk-columns-title = Sloupce tabulky
bulk-columns-intro = Určete, podle čeho se najde schránka adresáta. Všechny sloupce můžete použít v textu zprávy.
bulk-preview = { $n ->
    [one] Začátek tabulky ({ $n } řádek)
    [few] Začátek tabulky ({ $n } řádky)
    [many] Začátek tabulky ({ $n } řádku)
   *[other] Začátek tabulky ({ $n } řádků)
}
bulk-column-none = – žádný sloupec –
bulk-column-box = Identifikátor datové schránky
bulk-column-box-help = Sedm znaků, například nvak22s. Kde je vyplněn, nic se nedohledává.
bulk-column-ic = IČO
bulk-column-ic-help = Schránka se dohledá podle něj, pokud chybí identifikátor.
bulk-column-name = Jméno nebo název
bulk-column-name-help = Schránka se dohledá podle jména a adresy, pokud chybí identifikátor i IČO. Musí vyhovět právě jedna.
bulk-column-address = Adresa pro dohledání
bulk-column-address-help = Sloupce s ulicí, obcí, PSČ nebo celou adresou.
bulk-column-files = Přílohy řádku
bulk-column-files-help = Názvy souborů, které dostane jen tento adresát; více názvů oddělte znakem |.
bulk-leave-out = Vynechat opakované adresáty
bulk-leave-out-help = Zprávu dostane každá schránka jen jednou, podle prvního řádku, na kterém je.
bulk-save = Uložit
bulk-not-editable = V tomto stavu už odeslání nelze měnit.
bulk-message-title = Zpráva
bulk-fields = Pole z tabulky
bulk-fields-help = Na místo pole se v každé zprávě doplní hodnota z řádku adresáta. Fungují v předmětu, textu, číslech i v názvu souboru.
bulk-insert = Vložit pole
bulk-errors = Zprávu zatím nelze uložit. Opravte označená pole.
bulk-error-missing = Vyplňte toto pole.
bulk-error-long = Text je delší než { $n } znaků.
bulk-error-field = Pole „{ $name }“ v tabulce není.
bulk-error-unclosed = Pole není ukončené dvěma složenými závorkami: „{ $text }“.
bulk-error-number = Zadejte číslo od 1 do 9999, nebo pole ze sloupce.
bulk-error-column = Sloupec „{ $name }“ v tabulce není.
bulk-subject = Předmět
bulk-subject-help = Po doplnění polí nejvýše 255 znaků.
bulk-letter = Dopis
bulk-letter-text = textový soubor (TXT)
bulk-letter-html = stránka (HTML)
bulk-letter-none = bez dopisu, jen přílohy
bulk-body = Text dopisu
bulk-body-help = Odešle se jako hlavní dokument zprávy.
bulk-letter-name = Název souboru s dopisem
bulk-letter-name-help = Nepovinné. Přípona se doplní.
bulk-references = Čísla a spisové značky
bulk-sender-ref = Naše číslo jednací
bulk-sender-ident = Naše spisová značka
bulk-recipient-ref = Vaše číslo jednací
bulk-recipient-ident = Vaše spisová značka
bulk-to-hands = K rukám
bulk-legal-title = Zmocnění
bulk-legal-title-help = Zákon, podle kterého zprávy posíláte. I tady lze použít pole.
bulk-delivery = Doručení
bulk-personal = Do vlastních rukou
bulk-personal-help = Zprávu přečtou jen osoby s oprávněním číst i zprávy do vlastních rukou.
bulk-no-fiction = Vyloučit doručení fikcí
bulk-no-fiction-help = Zpráva se po deseti dnech nepovažuje za doručenou, pokud se adresát nepřihlásí.
bulk-publish-author = Zveřejnit jméno autora
bulk-files-title = Přílohy
bulk-files-common = Přílohy pro všechny
bulk-files-common-help = Dostane je každý adresát. Uloží se jen jednou. Nejvýše { $n }.
bulk-files-no-common = Žádné.
bulk-files-rows = Přílohy řádků
bulk-files-rows-help = Soubor dostane ten, na jehož řádku je ve sloupci „{ $column }“ jeho název.
bulk-files-rows-none = Má-li mít některý adresát vlastní přílohy, určete nejprve sloupec s jejich názvy:
bulk-files-count = { $n ->
    [one] { $n } soubor
    [few] { $n } soubory
    [many] { $n } souboru
   *[other] { $n } souborů
}
bulk-files-choose = Soubory pro všechny adresáty
bulk-files-choose-rows = Soubory jednotlivých řádků
bulk-files-choose-archive = Soubory řádků v jednom archivu ZIP
bulk-files-archive-help = Soubory z archivu se přidají pod svými názvy, složky se nezachovají. Nejvýše { $size }.
bulk-files-unpack = Nahrát a rozbalit
bulk-files-taken = { $n ->
    [one] Přidán { $n } soubor.
    [few] Přidány { $n } soubory.
    [many] Přidáno { $n } souboru.
   *[other] Přidáno { $n } souborů.
}
bulk-files-untold = { $n ->
    [one] A ještě { $n } další.
    [few] A ještě { $n } další.
    [many] A ještě { $n } dalšího.
   *[other] A ještě { $n } dalších.
}
bulk-archive-large = Archiv je příliš velký.
bulk-archive-none = Soubor není archivem ZIP, nebo je poškozený.
bulk-archive-many = V archivu je příliš mnoho souborů.
bulk-archive-expanded = Soubory z archivu jsou po rozbalení příliš velké. Zbytek archivu nebyl přidán.
bulk-archive-name = Soubor v archivu má nepřípustný název.
bulk-archive-no-file = V archivu je odkaz místo souboru.
bulk-archive-locked = Soubor v archivu je zamčený heslem.
bulk-archive-ratio = Soubor je v archivu podezřele stlačený.
bulk-archive-damaged = Soubor z archivu nelze přečíst.
bulk-files-add = Nahrát
bulk-files-refused = Některé soubory nebyly přidány:
bulk-file-added = Soubory jsou přidány.
bulk-file-none = Nevybrali jste žádný soubor.
bulk-file-removed = Soubor je odebrán.
bulk-file-not-added = Soubor tohoto názvu tu už je, nebo je jich příliš mnoho.
bulk-file-missing = nebyl nahrán
bulk-remove = Odebrat
bulk-step-table = Tabulka
bulk-step-table-done = Sloupec s adresáty je určen.
bulk-step-table-open = Ještě není určeno, podle čeho se najde schránka adresáta.
bulk-step-message = Zpráva a přílohy
bulk-step-message-open = Zpráva ještě není napsaná.
bulk-step-check = Ověření adres
bulk-step-check-open = U každého řádku se ověří, že schránka existuje, je přístupná a smíte do ní zprávu poslat, a zjistí se druh zprávy a její cena. Nic se neodešle.
bulk-step-try = Zkouška nanečisto
bulk-step-try-open = Všechny zprávy se sestaví a posoudí podle všech pravidel, spočítá se jejich velikost a cena. Nic se neodešle.
bulk-step-send = Odeslání
bulk-step-send-open = Odeslat lze po úspěšné zkoušce nanečisto.
bulk-rows-count = { $n ->
    [one] { $n } řádek.
    [few] { $n } řádky.
    [many] { $n } řádku.
   *[other] { $n } řádků.
}
bulk-found = Nalezené schránky
bulk-samples = Podívejte se, jak budou zprávy vypadat:
bulk-price = Cena celkem
bulk-send-meaning = { $n ->
    [one] Odešle se { $n } zpráva.
    [few] Odešlou se { $n } zprávy.
    [many] Odešle se { $n } zprávy.
   *[other] Odešle se { $n } zpráv.
}
bulk-follows-from-authority = Budou dodány do schránek adresátů. Orgánu veřejné moci je zpráva doručena už dodáním, ostatním, jakmile se přihlásí ten, kdo ji smí číst; nepřihlásí-li se nikdo do deseti dnů, považuje se za doručenou posledním dnem té lhůty, a připadne-li ten na den pracovního klidu, nejbližším pracovním dnem (§ 17 zákona č. 300/2008 Sb.).
bulk-follows-no-fiction = Budou dodány do schránek adresátů. Orgánu veřejné moci je zpráva doručena už dodáním, ostatním, jakmile se přihlásí ten, kdo ji smí číst. Uplynutím deseti dnů se za doručenou nepovažuje.
bulk-follows-to-authority = Budou dodány do schránek adresátů. Podání úřadu je učiněno dodáním (§ 18 zákona č. 300/2008 Sb.). Poštovní datová zpráva je doručena, jakmile se přihlásí ten, kdo ji smí číst, nejpozději posledním dnem desetidenní lhůty, a připadne-li ten na den pracovního klidu, nejbližším pracovním dnem (§ 18a téhož zákona).
bulk-send-final = Odeslané zprávy nelze vzít zpět a jejich autorem budete vy.
bulk-send-repeated = { $n ->
    [one] { $n } řádek se vynechá, protože stejnému adresátovi jde zpráva jiného řádku.
    [few] { $n } řádky se vynechají, protože stejným adresátům jdou zprávy jiných řádků.
    [many] { $n } řádku se vynechá, protože stejným adresátům jdou zprávy jiných řádků.
   *[other] { $n } řádků se vynechá, protože stejným adresátům jdou zprávy jiných řádků.
}
bulk-send-wrong = { $n ->
    [one] { $n } řádek se neodešle, protože jej nelze doručit nebo sestavit.
    [few] { $n } řádky se neodešlou, protože je nelze doručit nebo sestavit.
    [many] { $n } řádku se neodešle, protože je nelze doručit nebo sestavit.
   *[other] { $n } řádků se neodešle, protože je nelze doručit nebo sestavit.
}
bulk-send-price = Poštovní datové zprávy budou stát { $price }.
bulk-send-credit = Kredit stačí na { $n ->
    [one] { $n } zprávu
    [few] { $n } zprávy
    [many] { $n } zprávy
   *[other] { $n } zpráv
}.
bulk-send-credit-short = Kredit stačí jen na { $n ->
    [one] { $n } zprávu
    [few] { $n } zprávy
    [many] { $n } zprávy
   *[other] { $n } zpráv
}, ostatní budou odmítnuty.
bulk-do-check = Ověřit adresy
bulk-do-check-again = Ověřit adresy znovu
bulk-do-try = Zkusit nanečisto
bulk-do-try-again = Zkusit znovu
bulk-do-start = { $n ->
    [one] Odeslat { $n } zprávu
    [few] Odeslat { $n } zprávy
    [many] Odeslat { $n } zprávy
   *[other] Odeslat { $n } zpráv
}
bulk-do-cancel = Přerušit
bulk-do-pause = Pozastavit
bulk-do-resume = Pokračovat v odesílání
bulk-do-stop = Ukončit odesílání
bulk-do-retry = Zkusit odmítnuté znovu
bulk-do-remove = Odstranit
bulk-stop-question = Ukončit odesílání natrvalo
bulk-stop-meaning = Zprávy, které ještě nebyly odeslány, už odeslány nebudou. Odeslané zůstanou odeslány.
bulk-remove-question = Odstranit toto odeslání
bulk-remove-meaning = Odstraní se tabulka, text a výsledky. Odeslané zprávy zůstanou ve schránce mezi odeslanými. Doklady si předtím stáhněte.
bulk-done-check = Ověřování adres začalo.
bulk-done-try = Zkouška nanečisto začala.
bulk-done-cancel = Přerušeno.
bulk-done-start = Odesílání začalo.
bulk-done-pause = Pozastaveno, nic dalšího se neodešle.
bulk-done-resume = Odesílání pokračuje.
bulk-done-stop = Odesílání je ukončeno.
bulk-done-retry = Odmítnuté zprávy se zkoušejí odeslat znovu.
bulk-done-remove = Odstraněno.
bulk-leave-page = Stránku můžete opustit, práce pokračuje i bez ní. Najdete ji v nabídce Hromadné odeslání.
bulk-halted = Systém odesílání zastavil:
bulk-sending = Odesílání
bulk-not-sendable = Nelze doručit nebo sestavit
bulk-phases = Co se se zprávami stalo
bulk-problems = Řádky, které se nepodařily
bulk-all-problems = Všechny nepodařené řádky
bulk-rows-title = Řádky a výsledky
bulk-filters = Výběr řádků
bulk-filter-all = Všechny
bulk-filter-problems = Nepodařené
bulk-filter-waiting = Čekající
bulk-filter-sent = Odeslané
bulk-filter-left-out = Vynechané
bulk-no-rows = Žádné takové řádky.
bulk-first-page = Na začátek
bulk-next-page = Další strana
bulk-said = V tabulce
bulk-recipient = Adresát
bulk-results-csv = Výsledky jako tabulka (CSV)
bulk-evidence-zip = Doklady o všech zprávách (ZIP: podepsané doručenky, výsledky, souhrn)
bulk-row-title = Řádek { $n }
bulk-row-cells = Řádek tabulky
bulk-previous-row = Předchozí řádek
bulk-next-row = Další řádek
bulk-unknown-yet = zatím neznámý
bulk-kind = Druh zprávy
bulk-csv-row = Řádek
bulk-csv-box = Schránka adresáta
bulk-csv-name = Adresát
bulk-csv-address = Adresa adresáta
bulk-csv-result = Výsledek
bulk-csv-message = Číslo zprávy
bulk-csv-code = Kód
bulk-csv-reason = Důvod
bulk-csv-state = Stav zprávy
bulk-csv-delivered-in = Dodáno
bulk-csv-accepted = Doručeno
bulk-evidence-title = Souhrn hromadného odeslání
bulk-evidence-name = Název
bulk-evidence-box = Schránka odesílatele
bulk-evidence-author = Autor
bulk-evidence-state = Stav
bulk-evidence-created = Založeno
bulk-evidence-started = Odesílání začalo
bulk-evidence-ended = Odesílání skončilo
bulk-evidence-made = Souhrn vytvořen
bulk-evidence-rows = Řádků tabulky
bulk-evidence-note = Složka dorucenky obsahuje ke každé odeslané zprávě doručenku zapečetěnou systémem (ZFO). Ověříte ji na stránce „Ověřit zprávu“ nebo příkazem isds verify.
bulk-evidence-summary-file = souhrn.txt
bulk-evidence-results-file = vysledky.csv
bulk-evidence-folder = dorucenky
bulk-files-numbers = pro všechny: { $common }, pro řádky: { $rows }
bulk-duplicates = Opakovaní adresáti
bulk-looked-up = Dohledané schránky
bulk-gaps = Zprávy s prázdným polem
