statistics-title = Statistics
statistics-text = Figures of the whole system, system messages included.
statistics-counted = Counted
statistics-not-counted = Nothing was counted yet.
statistics-messages = Messages by month
statistics-no-messages = No messages yet.
statistics-sent = Messages sent
statistics-delivered = Messages delivered
statistics-by-login = Delivered by login
statistics-by-fiction = Delivered by fiction
statistics-month = Month
statistics-running = (running)
statistics-on-month = Growth on the month before
statistics-on-year = Growth on the same month a year before
statistics-desc = The table below the picture has the same figures.
statistics-messages-csv = Messages by month as CSV
statistics-boxes = Data boxes
statistics-by-type = Boxes by type
statistics-by-state = Boxes by state
statistics-type = Type
statistics-state = State
statistics-accessible = Accessible
statistics-all = All
statistics-boxes-csv = Boxes by type and state as CSV
statistics-boxes-count = { $n ->
    [one] The system has { $n } box.
   *[other] The system has { $n } boxes.
}
