verify-title = Ověření datové zprávy
verify-what = Vložte soubor s datovou zprávou nebo doručenkou (má příponu .zfo). Dozvíte se, co v něm je, kdo ho poslal a zda se od zapečetění nezměnil. Přihlašovat se nemusíte.
verify-kept-nothing = Soubor se ověří, zatímco přichází, a nikam se neukládá.
verify-file = Soubor ZFO
verify-file-help = Nejvýše { $size }.
verify-drop = Soubor sem můžete také přetáhnout.
verify-button = Ověřit
verify-progress = Odesílá se:
verify-examining = Soubor je odeslaný, ověřuje se…
verify-offline = Soubor se nepodařilo odeslat. Zkontrolujte připojení a zkuste to znovu.
verify-no-file = Vyberte soubor, který chcete ověřit. Prázdný soubor ověřit nelze.
verify-too-large = Soubor je větší než { $size }. Tak velká datová zpráva nemůže být. Nic z něj se neuložilo.
verify-too-slow = Soubor přicházel příliš dlouho, a proto se neověřil. Nic z něj se neuložilo.
verify-stale = Stránka byla otevřena příliš dávno nebo jste se mezitím přihlásili či odhlásili. Vyberte prosím soubor znovu.
verify-too-often = { $n ->
    [one] Z vaší adresy přišlo za poslední minutu příliš mnoho souborů. Zkuste to znovu za { $n } sekundu.
    [few] Z vaší adresy přišlo za poslední minutu příliš mnoho souborů. Zkuste to znovu za { $n } sekundy.
    [many] Z vaší adresy přišlo za poslední minutu příliš mnoho souborů. Zkuste to znovu za { $n } sekundy.
   *[other] Z vaší adresy přišlo za poslední minutu příliš mnoho souborů. Zkuste to znovu za { $n } sekund.
}
verify-busy = { $n ->
    [one] Právě se ověřuje tolik souborů, kolik jich systém zvládne najednou. Zkuste to znovu za { $n } sekundu.
    [few] Právě se ověřuje tolik souborů, kolik jich systém zvládne najednou. Zkuste to znovu za { $n } sekundy.
    [many] Právě se ověřuje tolik souborů, kolik jich systém zvládne najednou. Zkuste to znovu za { $n } sekundy.
   *[other] Právě se ověřuje tolik souborů, kolik jich systém zvládne najednou. Zkuste to znovu za { $n } sekund.
}
verify-result = Výsledek ověření
verify-result-of = Výsledek ověření souboru { $name }
verify-unreadable-hint = Datová zpráva se ze schránky stahuje jako soubor s příponou .zfo. Samotná příloha, vytištěná zpráva v PDF ani soubor zabalený v ZIP se takto ověřit nedají.
verify-received = Datová zpráva (podoba pro příjemce)
verify-sent = Datová zpráva (podoba pro odesílatele)
verify-delivery-info = Doručenka
verify-says = Co v souboru stojí
verify-says-doubt = Soubor není v pořádku, proto nemusí být pravda ani to, co v něm stojí:
verify-number = Číslo zprávy
verify-subject = Předmět
verify-sender = Odesílatel
verify-sender-address = Adresa odesílatele
verify-recipient = Příjemce
verify-recipient-address = Adresa příjemce
verify-to-hands = K rukám
verify-sender-reference = Číslo jednací a spisová značka odesílatele
verify-recipient-reference = Číslo jednací a spisová značka příjemce
verify-legal-title = Zmocnění
verify-law = zákona č. { $number } Sb.
verify-law-paragraph = odst.{" "}
verify-law-point = písm.{" "}
verify-personal = Do vlastních rukou
verify-yes = ano
verify-state = Stav
verify-state-1 = podaná
verify-state-2 = podaná, opatřená časovým razítkem
verify-state-3 = neprošla antivirovou kontrolou
verify-state-4 = dodaná do schránky
verify-state-5 = doručená fikcí
verify-state-6 = doručená přihlášením
verify-state-7 = přečtená
verify-state-8 = nedoručitelná
verify-state-9 = obsah smazaný po uplynutí lhůty
verify-state-10 = uložená v datovém trezoru
verify-delivered = Dodána do schránky
verify-accepted = Doručena
verify-not-yet = v době zapečetění ještě ne
verify-attachments = Přílohy
verify-attachment = Název
verify-attachment-kind = Druh
verify-attachment-size = Velikost
verify-attachments-none = V doručence přílohy nejsou.
verify-attachments-more = { $n ->
    [one] a ještě { $n } další
    [few] a ještě { $n } další
    [many] a ještě { $n } další
   *[other] a ještě { $n } dalších
}
verify-events = Události
verify-event-time = Čas
verify-event-what = Co se stalo
verify-hash = Otisk zprávy ({ $algorithm })
verify-again = Ověřit další soubor
