layout-site = Datové schránky
layout-demo = ukázka
layout-skip = Přejít k obsahu
layout-boxes = Schránky
layout-all-boxes = Všechny schránky
layout-choose-box = Přehled schránek
layout-box = Schránka
layout-person = Účet
layout-admin = Správa systému
layout-home = Přehled
layout-settings = Nastavení
layout-sign-in = Přihlásit se
layout-sign-out = Odhlásit se
layout-received = Přijaté
layout-sent = Odeslané
layout-write = Napsat zprávu
layout-drafts = Rozepsané
layout-bulk = Hromadné odeslání
layout-box-settings = Nastavení schránky
layout-footer = Další stránky
layout-about = O systému
layout-verify = Ověřit zprávu
layout-statistics = Statistika
layout-colours = Barvy
layout-theme-auto = podle zařízení
layout-theme-light = světlé
layout-theme-dark = tmavé
time-today = dnes { $clock }
time-yesterday = včera { $clock }
time-tomorrow = zítra { $clock }
count-messages = { $n ->
    [one] { $n } zpráva
    [few] { $n } zprávy
    [many] { $n } zprávy
   *[other] { $n } zpráv
}
