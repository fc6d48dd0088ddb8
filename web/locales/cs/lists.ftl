lists-days-today = končí dnes
lists-days-left = { $n ->
    [one] zbývá { $n } den
    [few] zbývají { $n } dny
    [many] zbývá { $n } dne
   *[other] zbývá { $n } dní
}
lists-days-over = { $n ->
    [one] { $n } den po termínu
    [few] { $n } dny po termínu
    [many] { $n } dne po termínu
   *[other] { $n } dní po termínu
}
lists-no-subject = (bez předmětu)
lists-number = Číslo zprávy
lists-personal = do vlastních rukou
lists-large = velkoobjemová zpráva
lists-mark-ours = naše značka
lists-mark-theirs = jejich značka
lists-state-waits = čeká ve schránce na doručení
lists-state-fiction-waits = doručena fikcí, zatím neotevřena
lists-state-unread = nepřečtená
lists-state-read = přečtená
lists-state-on-its-way = odesílá se
lists-state-delivered-in = dodána, čeká na doručení
lists-state-fiction = doručena fikcí
lists-state-delivered = doručena
lists-state-infected = zastavena: škodlivý kód v příloze
lists-state-undeliverable = nedoručitelná
lists-state-erased = obsah smazán
lists-state-vault = v datovém trezoru
lists-kind-system = systémová zpráva
lists-kind-reply-paid = poštovní zpráva s předplacenou odpovědí
lists-kind-postal = poštovní datová zpráva
lists-kind-public = veřejná zpráva (s úřadem)
lists-kind = Druh zprávy
lists-kind-any = všechny druhy
lists-fiction = pak se považuje za doručenou (fikce doručení)
lists-fiction-how = Jak se den počítá
lists-fiction-counted = Desátý den po dodání je { $tenth }. Je to pracovní den, lhůta proto končí jeho uplynutím.
lists-fiction-moved = Desátý den po dodání je { $tenth }. { $why } Posledním dnem lhůty je proto nejbližší pracovní den, { $last }.
lists-fiction-weekend = To je den pracovního klidu.
lists-fiction-holiday = To je svátek.
lists-fiction-ruled-out = Odesílatel fikci doručení vyloučil: zpráva bude doručena, jen když ji někdo otevře.
lists-fiction-old-postal = Poštovní zprávy dodané před rokem 2022 se fikcí nedoručují.
lists-delivered-by-fiction = Už se považuje za doručenou (fikcí), a to od
lists-delivered-to-authority = Orgánu veřejné moci je zpráva doručena už dodáním do schránky.
lists-monday = pondělí
lists-tuesday = úterý
lists-wednesday = středa
lists-thursday = čtvrtek
lists-friday = pátek
lists-saturday = sobota
lists-sunday = neděle
lists-waiting-count = { $n ->
    [one] Na otevření čeká { $n } zpráva
    [few] Na otevření čekají { $n } zprávy
    [many] Na otevření čeká { $n } zprávy
   *[other] Na otevření čeká { $n } zpráv
}
lists-waiting-others = { $n ->
    [one] Čeká ještě { $n } zpráva, kterou podle svého oprávnění nesmíte číst; otevřením seznamu se nedoručí.
    [few] Čekají ještě { $n } zprávy, které podle svého oprávnění nesmíte číst; otevřením seznamu se nedoručí.
    [many] Čeká ještě { $n } zprávy, které podle svého oprávnění nesmíte číst; otevřením seznamu se nedoručí.
   *[other] Čeká ještě { $n } zpráv, které podle svého oprávnění nesmíte číst; otevřením seznamu se nedoručí.
}
lists-and-more = a další
lists-only-delivered = Zde je jen to, co už je doručeno.
lists-look-what-waits = Podívat se, co čeká
lists-since = ve schránce od
lists-in-box-since = ve schránce od
lists-ask-title = Zprávy čekají na otevření
lists-ask-law = Otevřením přijatých zpráv vám budou doručeny podle § 17 odst. 3 zákona č. 300/2008 Sb.: okamžik otevření je okamžikem doručení a běží od něj lhůty, například k odvolání.
lists-ask-law-some = Některé z těchto zpráv se už považují za doručené; u zpráv níže je to napsáno. Ostatní vám budou doručeny otevřením přijatých zpráv podle § 17 odst. 3 zákona č. 300/2008 Sb.: okamžik otevření je okamžikem jejich doručení a běží od něj lhůty, například k odvolání.
lists-ask-law-none = Všechny tyto zprávy se už považují za doručené; níže je napsáno proč. Otevřením přijatých zpráv se na tom nic nemění a lhůty neběží znovu.
lists-ask-fact = Odesílatel uvidí čas doručení v doručence. Vzít zpět to nelze.
lists-ask-fact-none = Odesílatel v doručence uvidí, kdy se do schránky někdo přihlásil. Vzít zpět to nelze.
lists-ask-open = Otevřít a doručit
lists-ask-not-now = Teď ne, ukázat jen to, co už je doručeno
lists-ask-what = Co čeká
lists-ask-oldest = { $n ->
    [one] Ukazuje se { $n } nejstarší.
    [few] Ukazují se { $n } nejstarší.
    [many] Ukazuje se { $n } nejstarších.
   *[other] Ukazuje se { $n } nejstarších.
}
lists-opened = Schránka je otevřená. Čekající zprávy jsou doručeny.
lists-opened-in-part = Zpráv je mnoho a doručují se postupně. Doručené jsou v seznamu, pro ostatní otevřete schránku znovu.
lists-received-title = Přijaté
lists-received-help = Přijaté zprávy.
lists-received-empty = Zatím vám nikdo nic neposlal. Až zpráva přijde, objeví se tady.
lists-sent-title = Odeslané
lists-sent-help = Odeslané zprávy.
lists-sent-empty = Z této schránky zatím nic neodešlo.
lists-vault-title = Datový trezor
lists-vault-help = Zprávy uložené v datovém trezoru, které se po 90 dnech nemažou.
lists-vault-empty = V datovém trezoru nic není.
lists-erased-title = Smazané
lists-erased-help = Zprávy, jejichž obsah byl po uplynutí doby uložení smazán. Obálka a doručenka zůstávají.
lists-erased-empty = Žádná zpráva ještě nebyla smazána.
lists-all-boxes = všechny schránky
lists-all-help = Zprávy ze všech vašich schránek dohromady. Zde se nic nedoručuje.
lists-all-first = { $n ->
    [one] Ukazují se zprávy jen z { $n } schránky. Do ostatních vede přehled.
   *[other] Ukazují se zprávy jen z prvních { $n } schránek. Do ostatních vede přehled.
}
lists-sides = Strana seznamu
lists-side-received = přijaté
lists-side-sent = odeslané
lists-unread-count = { $n ->
    [one] { $n } nepřečtená zpráva
    [few] { $n } nepřečtené zprávy
    [many] { $n } nepřečtené zprávy
   *[other] { $n } nepřečtených zpráv
}
lists-undelivered-count = { $n ->
    [one] { $n } odeslaná zpráva není doručena
    [few] { $n } odeslané zprávy nejsou doručeny
    [many] { $n } odeslané zprávy není doručeno
   *[other] { $n } odeslaných zpráv není doručeno
}
lists-search = Hledat ve zprávách
lists-search-help = Předmět, jméno nebo schránka, značka, číslo zprávy, název přílohy. Stačí začátky slov, na velikosti písmen a háčcích nezáleží.
lists-find = Hledat
lists-filters = Upřesnit
lists-filter = Použít
lists-show = Ukázat
lists-show-all = všechny zprávy
lists-show-unread = nepřečtené
lists-show-undelivered = nedoručené
lists-show-todo = k vyřízení
lists-tag = Štítek
lists-tag-any = všechny štítky
lists-from-day = Od dne
lists-to-day = Do dne
lists-who = ID schránky protistrany
lists-personal-only = jen do vlastních rukou
lists-show-everything = Zrušit výběr a ukázat vše
lists-wrong-date = Zadejte den jako 24. 12. 2026.
lists-wrong-interval = Období končí dříve, než začíná.
lists-wrong-box = ID schránky má sedm písmen a číslic.
lists-names-incomplete = Seznam se pro hledání teprve připravuje: v části zpráv se názvy příloh zatím nehledaly.
lists-text-incomplete = Text příloh nejnovějších zpráv se pro hledání teprve připravuje; hledalo se jen v jejich názvech.
lists-nothing-fits = Zadání neodpovídá žádná zpráva.
lists-column-tick = Vybrat
lists-column-box = Schránka
lists-column-sender = Odesílatel
lists-column-recipient = Adresát
lists-column-subject = Předmět
lists-column-state = Stav
lists-column-time = Dodáno
lists-tick = Vybrat zprávu: { $subject }
lists-with-ticked = S vybranými zprávami
lists-mark-read = Označit za přečtené
lists-choose-tag = vyberte
lists-add-tag = Přidat štítek
lists-take-tag = Odebrat štítek
lists-due = Vyřídit do
lists-note-task = Zařadit k vyřízení
lists-note-done = Vyřízeno
lists-task-open = k vyřízení
lists-task-done = vyřízeno
lists-noted-by = zařadil(a) { $name }
lists-none-ticked = Nejdřív vyberte zprávy.
lists-no-tag-chosen = Vyberte štítek.
lists-marked-read = Zprávy jsou označené za přečtené.
lists-tagged = Štítek je přidaný.
lists-untagged = Štítek je odebraný.
lists-noted = Zprávy jsou zařazené k vyřízení.
lists-noted-done = Zprávy jsou vyřízené.
lists-nothing-changed = U vybraných zpráv se nic nezměnilo.
lists-cut-off = Prohledáno do dne
lists-search-on = Hledat dál do minulosti
lists-pages = Stránky seznamu
lists-newer = Novější
lists-older = Starší
lists-more-lists = Další seznamy
lists-settings-link = Štítky a hledání
lists-density = Hustota:
lists-comfortable = volná
lists-compact = úsporná
lists-keys-title = Klávesové zkratky
lists-key-down = další zpráva
lists-key-up = předchozí zpráva
lists-key-open = otevřít zprávu
lists-key-tick = vybrat zprávu
lists-key-search = hledat
lists-key-help = tato nápověda
lists-keys-on = Zkratky jsou zapnuté
lists-close = Zavřít
lists-home-title = Přehled
lists-home-all-received = Přijaté ze všech schránek
lists-home-all-sent = Odeslané ze všech schránek
lists-home-not-accessible = Schránka není přístupná: nic do ní nelze dodat a nelze z ní odesílat.
lists-home-password-ends = Heslo k přihlašovacímu jménu { $login } platí jen do
lists-home-password-change = Změnit heslo
lists-home-waiting = Čeká na otevření
lists-home-nothing-waits = Nic nečeká.
lists-home-not-delivered-by-looking = Touto stránkou se nic nedoručuje.
lists-home-todo = K vyřízení
lists-home-nothing-todo = Nic k vyřízení. Zprávy sem zařadíte v seznamu.
lists-home-more-todo = Všechno k vyřízení
lists-home-last = Poslední zprávy
lists-home-no-messages = Ve schránce zatím nejsou žádné zprávy.
lists-home-others = Co tu udělali jiní
lists-home-no-lists = V této schránce nemáte oprávnění vidět seznamy zpráv.
lists-home-more-boxes = Další schránky
lists-home-more-boxes-help = { $n ->
    [one] Přehled ukazuje { $n } schránku. Ostatní otevřete odkazem.
    [few] Přehled ukazuje { $n } schránky. Ostatní otevřete odkazem.
    [many] Přehled ukazuje { $n } schránky. Ostatní otevřete odkazem.
   *[other] Přehled ukazuje prvních { $n } schránek. Ostatní otevřete odkazem.
}
lists-home-settings = Nastavení schránky
lists-home-operator = Jste správce systému a nemáte tu vlastní schránku.
lists-home-no-boxes = Nemáte přístup k žádné schránce.
lists-from = od
lists-to = komu
lists-deed-sent = { $name }: odeslání zprávy
lists-deed-read = { $name }: přečtení zprávy
lists-deed-downloaded = { $name }: stažení zprávy
lists-deed-erased = { $name }: smazání zprávy
lists-deed-delivered = { $name }: otevření schránky, čekající zprávy doručeny
lists-deed-reported = { $name }: nahlášení podezřelé zprávy
lists-deed-other = { $name }: práce se zprávou
lists-deed-application = Aplikace
lists-case-title = Spis { $mark }
lists-case-help = Přijaté a odeslané zprávy, které nesou tuto značku, ať ji napsal kdokoli.
lists-case-empty = Žádná zpráva tuto značku nenese.
lists-case-count = { $n ->
    [one] { $n } zpráva
    [few] { $n } zprávy
    [many] { $n } zprávy
   *[other] { $n } zpráv
}
lists-settings-title = Štítky a hledání
lists-settings-tags = Štítky schránky
lists-settings-tags-help = Štítky vidí a používají všichni, kdo vidí seznamy této schránky. Odesílatelé a adresáti je nevidí.
lists-settings-no-tags = Schránka zatím nemá žádné štítky.
lists-settings-show-tagged = ukázat zprávy
lists-settings-remove-tag = smazat štítek
lists-settings-remove-help = Smazaný štítek zmizí i ze zpráv. Zprávy samy zůstanou.
lists-settings-name = Název nového štítku
lists-settings-colour = Barva
lists-settings-add-tag = Přidat štítek
lists-settings-content = Hledání v textu příloh
lists-settings-content-help = Když je zapnuté, hledá se i v textu příloh PDF a textových souborů. Najdou je jen ti, kdo smějí zprávu číst. Text se z příloh vyjme na pozadí a zůstává v databázi systému, dokud hledání nevypnete nebo se zpráva nesmaže.
lists-settings-content-is-on = Hledání v textu příloh je zapnuté.
lists-settings-content-is-off = Hledání v textu příloh je vypnuté.
lists-settings-content-switch-on = Zapnout hledání v textu příloh
lists-settings-content-switch-off = Vypnout hledání v textu příloh
lists-settings-content-no-right = Zapnout nebo vypnout to smí jen ten, kdo spravuje uživatele schránky.
lists-content-on = Hledání v textu příloh je zapnuté, starší zprávy se připravují na pozadí.
lists-content-off = Hledání v textu příloh je vypnuté, text se z databáze odstraní na pozadí.
lists-tag-added = Štítek je založený.
lists-tag-removed = Štítek je smazaný.
lists-tag-no-name = Napište název štítku.
lists-tag-too-long = { $n ->
    [one] Název má nejvýše { $n } znak.
    [few] Název má nejvýše { $n } znaky.
    [many] Název má nejvýše { $n } znaku.
   *[other] Název má nejvýše { $n } znaků.
}
lists-tag-no-colour = Taková barva není.
lists-tag-taken = Štítek tohoto názvu schránka už má.
lists-tag-too-many = Schránka má štítků tolik, kolik smí. Nejdřív některý smažte.
lists-colour-0 = šedá
lists-colour-1 = modrá
lists-colour-2 = zelená
lists-colour-3 = žlutá
lists-colour-4 = oranžová
lists-colour-5 = červená
lists-colour-6 = fialová
lists-colour-7 = tyrkysová
