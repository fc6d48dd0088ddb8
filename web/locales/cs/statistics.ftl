statistics-title = Statistika
statistics-text = Počty za celý systém včetně systémových zpráv.
statistics-counted = Spočítáno
statistics-not-counted = Zatím se nic nespočítalo.
statistics-messages = Zprávy podle měsíců
statistics-no-messages = Zatím žádné zprávy.
statistics-sent = Odeslané zprávy
statistics-delivered = Doručené zprávy
statistics-by-login = Doručeno přihlášením
statistics-by-fiction = Doručeno fikcí
statistics-month = Měsíc
statistics-running = (běží)
statistics-on-month = Růst proti minulému měsíci
statistics-on-year = Růst proti témuž měsíci loni
statistics-desc = Tytéž údaje jsou v tabulce pod obrázkem.
statistics-messages-csv = Zprávy podle měsíců jako CSV
statistics-boxes = Datové schránky
statistics-by-type = Schránky podle typu
statistics-by-state = Schránky podle stavu
statistics-type = Typ
statistics-state = Stav
statistics-accessible = Přístupné
statistics-all = Celkem
statistics-boxes-csv = Schránky podle typu a stavu jako CSV
statistics-boxes-count = { $n ->
    [one] Systém má { $n } schránku.
    [few] Systém má { $n } schránky.
    [many] Systém má { $n } schránek.
   *[other] Systém má { $n } schránek.
}
