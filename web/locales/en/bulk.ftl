bulk-title = Bulk sending
bulk-intro = Send one message to many recipients from a table. First the addresses are checked, then all messages are made in a dry run, and only then do you send them.
bulk-jobs = Bulk sendings of this box
bulk-no-jobs = There is no bulk sending yet.
bulk-name = Name
bulk-name-help = For your own use, recipients do not see it. Without it the name of the file is used.
bulk-nameless = Without a name
bulk-state = State
bulk-rows = Rows
bulk-created-at = Made
bulk-by = Made by
bulk-older = Older
bulk-all-jobs = All bulk sendings
bulk-back = Back to the sending
bulk-progress-short = { $done } of { $total }
bulk-new = New bulk sending
bulk-table = Table of recipients (CSV)
bulk-table-help = Save the table as CSV in UTF-8 or Windows-1250, with semicolons, commas or tabulators between columns. The first line holds the names of the columns. At most { $n } rows.
bulk-upload = Upload the table
bulk-created = The table is uploaded. Say what each column means.
bulk-saved = Saved.
bulk-table-missing = Choose a file with a table.
bulk-table-empty = The file is empty.
bulk-table-large = The file is too large, a table has at most { $n } MB.
bulk-table-encoding = The file is neither in UTF-8 nor in Windows-1250. Save it as “CSV UTF-8” in your spreadsheet program.
bulk-table-zero = There is a zero byte on line { $n } of the file. It is no table of text, or it is in UTF-16; save it as “CSV UTF-8”.
bulk-table-no-header = The first line holds no names of columns. Put a line with names above the data; none may be missing, a number or the ID of a box.
bulk-table-long-name = The column name “{ $name }” is too long.
bulk-table-same-name = The column name “{ $name }” is in the table twice.
bulk-table-columns = A table has at most { $n } columns.
bulk-table-no-rows = There is no row below the names of the columns.
bulk-table-rows = A table has at most { $n } rows. Divide it into several sendings.
bulk-table-ragged = Row { $row } has { $found } cells, but there are { $expected } columns. A cell that holds a delimiter must be in quotation marks.
bulk-table-long-cell = The cell in column “{ $column }” of row { $row } is longer than { $most } characters. Is a quotation mark missing somewhere?
bulk-table-malformed = The file is no table in CSV.
bulk-table-wrong = The table cannot be used.
bulk-too-many-jobs = The box has 100 bulk sendings already. Remove some that you do not need; messages that were sent stay.
bulk-changed-before-sending = Somebody changed the sending meanwhile. Nothing was sent. Look at what would be sent now.
bulk-changed = Somebody changed the sending meanwhile. Look at it and save again.
bulk-wrong-state = This cannot be done now, the sending is in another state.
bulk-nothing-to-send = There is nothing to send.
bulk-settings-missing = Something is still missing: look at the columns, the message and the files.
bulk-not-done = It was not done.
bulk-state-draft = Draft
bulk-state-checking = Checking addresses
bulk-state-checked = Addresses checked
bulk-state-trying = Dry run
bulk-state-tried = Ready to send
bulk-state-running = Sending
bulk-state-paused = Paused
bulk-state-done = Done
bulk-state-stopped = Stopped
bulk-row-new = Not checked
bulk-row-addressed = Address found
bulk-row-unaddressed = Address not found
bulk-row-ready = To be sent
bulk-row-faulty = Cannot be made
bulk-row-left-out = Left out
bulk-row-sent = Sent
bulk-row-refused = Refused
bulk-mark-looked-up = looked up
bulk-mark-duplicate = repeated recipient
bulk-mark-gap = empty field
bulk-mark-large = large message
bulk-phase-submitted = submitted
bulk-phase-infected = withheld, contains malware
bulk-phase-delivered-in = delivered into the box
bulk-phase-fiction = delivered by fiction
bulk-phase-accepted = delivered by sign-in
bulk-phase-undeliverable = undeliverable
bulk-kind-public = public message, free of charge
bulk-kind-postal = postal data message
bulk-columns-title = Columns of the table
bulk-columns-intro = Say by what the recipient’s box is found. Every column can be used in the text of the message.
bulk-preview = { $n ->
    [one] Beginning of the table ({ $n } row)
   *[other] Beginning of the table ({ $n } rows)
}
bulk-column-none = – no column –
bulk-column-box = ID of the data box
bulk-column-box-help = Seven characters, for example nvak22s. Where there is one, nothing is looked up.
bulk-column-ic = Identification number (IČO)
bulk-column-ic-help = The box is looked up by it where the ID is missing.
bulk-column-name = Name
bulk-column-name-help = The box is looked up by name and address where both ID and identification number are missing. Exactly one must fit.
bulk-column-address = Address to look up by
bulk-column-address-help = Columns with street, town, postal code or the whole address.
bulk-column-files = Files of the row
bulk-column-files-help = Names of files that only this recipient gets; put | between several names.
bulk-leave-out = Leave out repeated recipients
bulk-leave-out-help = Each box gets the message once, by the first row that names it.
bulk-save = Save
bulk-not-editable = In this state the sending can no longer be changed.
bulk-message-title = Message
bulk-fields = Fields of the table
bulk-fields-help = In each message a field is replaced by what the recipient’s row says. Fields work in the subject, the text, the numbers and the file name.
bulk-insert = Insert the field
bulk-errors = The message cannot be saved yet. Correct the fields that are marked.
bulk-error-missing = Fill in this field.
bulk-error-long = The text is longer than { $n } characters.
bulk-error-field = There is no field “{ $name }” in the table.
bulk-error-unclosed = The field does not end with two braces: “{ $text }”.
bulk-error-number = Enter a number from 1 to 9999, or a field of a column.
bulk-error-column = There is no column “{ $name }” in the table.
bulk-subject = Subject
bulk-subject-help = At most 255 characters with the fields filled in.
bulk-letter = Letter
bulk-letter-text = text file (TXT)
bulk-letter-html = page (HTML)
bulk-letter-none = no letter, only files
bulk-body = Text of the letter
bulk-body-help = It is sent as the main document of the message.
bulk-letter-name = File name of the letter
bulk-letter-name-help = Optional. The suffix is added.
bulk-references = Reference numbers and file marks
bulk-sender-ref = Our reference number
bulk-sender-ident = Our file mark
bulk-recipient-ref = Your reference number
bulk-recipient-ident = Your file mark
bulk-to-hands = To the hands of
bulk-legal-title = Legal title
bulk-legal-title-help = The law under which you send the messages. Fields work here as well.
bulk-delivery = Delivery
bulk-personal = Personal delivery
bulk-personal-help = Only people who may read personal deliveries can read the message.
bulk-no-fiction = No fiction of delivery
bulk-no-fiction-help = The message does not count as delivered after ten days where the recipient does not sign in.
bulk-publish-author = Publish the name of the author
bulk-files-title = Files
bulk-files-common = Files for all
bulk-files-common-help = Every recipient gets them. They are kept only once. At most { $n }.
bulk-files-no-common = None.
bulk-files-rows = Files of the rows
bulk-files-rows-help = A file goes to whose row names it in the column “{ $column }”.
bulk-files-rows-none = If some recipient is to have files of their own, first say which column names them:
bulk-files-count = { $n ->
    [one] { $n } file
   *[other] { $n } files
}
bulk-files-choose = Files for all recipients
bulk-files-choose-rows = Files of single rows
bulk-files-choose-archive = Files of the rows in one ZIP archive
bulk-files-archive-help = Files of the archive are added under their names, folders are not kept. At most { $size }.
bulk-files-unpack = Upload and unpack
bulk-files-taken = { $n ->
    [one] { $n } file was added.
   *[other] { $n } files were added.
}
bulk-files-untold = { $n ->
    [one] And { $n } more.
   *[other] And { $n } more.
}
bulk-archive-large = The archive is too large.
bulk-archive-none = The file is no ZIP archive, or it is damaged.
bulk-archive-many = There are too many files in the archive.
bulk-archive-expanded = The files of the archive are too large once unpacked. The rest of it was not added.
bulk-archive-name = A file in the archive has a name that is not allowed.
bulk-archive-no-file = There is a link in the archive instead of a file.
bulk-archive-locked = A file in the archive is locked with a password.
bulk-archive-ratio = A file in the archive is packed suspiciously tight.
bulk-archive-damaged = A file of the archive cannot be read.
bulk-files-add = Upload
bulk-files-refused = Some files were not added:
bulk-file-added = The files are added.
bulk-file-none = You chose no file.
bulk-file-removed = The file is removed.
bulk-file-not-added = There is a file of this name already, or there are too many.
bulk-file-missing = not uploaded
bulk-remove = Remove
bulk-step-table = Table
bulk-step-table-done = The column with the recipients is chosen.
bulk-step-table-open = It is not said yet by what the recipient’s box is found.
bulk-step-message = Message and files
bulk-step-message-open = The message is not written yet.
bulk-step-check = Check of addresses
bulk-step-check-open = For each row it is checked that the box exists, is accessible and may be sent to, what kind of message it is and what it costs. Nothing is sent.
bulk-step-try = Dry run
bulk-step-try-open = All messages are made and judged by all rules, and their size and price are counted. Nothing is sent.
bulk-step-send = Sending
bulk-step-send-open = You can send after the dry run.
bulk-rows-count = { $n ->
    [one] { $n } row.
   *[other] { $n } rows.
}
bulk-found = Boxes found
bulk-samples = See what the messages will look like:
bulk-price = Price in all
bulk-send-meaning = { $n ->
    [one] { $n } message will be sent.
   *[other] { $n } messages will be sent.
}
bulk-follows-from-authority = They are placed in the recipients’ boxes. To an authority a message is delivered by that, to others as soon as somebody who may read it signs in; if nobody does within ten days, it counts as delivered on the last of them, or on the next working day where that is a day off (section 17 of Act No. 300/2008).
bulk-follows-no-fiction = They are placed in the recipients’ boxes. To an authority a message is delivered by that, to others as soon as somebody who may read it signs in. It does not count as delivered when ten days have passed.
bulk-follows-to-authority = They are placed in the recipients’ boxes. A submission to an authority is made by that (section 18 of Act No. 300/2008). A postal data message is delivered as soon as somebody who may read it signs in, at the latest on the last of ten days, or on the next working day where that is a day off (section 18a of the same act).
bulk-send-final = Messages that were sent cannot be taken back, and you will be their author.
bulk-send-repeated = { $n ->
    [one] { $n } row will be left out, since the message of another row goes to the same recipient.
   *[other] { $n } rows will be left out, since messages of other rows go to the same recipients.
}
bulk-send-wrong = { $n ->
    [one] { $n } row will not be sent, since it cannot be delivered or made.
   *[other] { $n } rows will not be sent, since they cannot be delivered or made.
}
bulk-send-price = The postal data messages will cost { $price }.
bulk-send-credit = The credit is enough for { $n ->
    [one] { $n } message
   *[other] { $n } messages
}.
bulk-send-credit-short = The credit is only enough for { $n ->
    [one] { $n } message
   *[other] { $n } messages
}, the others will be refused.
bulk-do-check = Check the addresses
bulk-do-check-again = Check the addresses again
bulk-do-try = Do a dry run
bulk-do-try-again = Try again
bulk-do-start = { $n ->
    [one] Send { $n } message
   *[other] Send { $n } messages
}
bulk-do-cancel = Break off
bulk-do-pause = Pause
bulk-do-resume = Go on sending
bulk-do-stop = Stop sending
bulk-do-retry = Try the refused ones again
bulk-do-remove = Remove
bulk-stop-question = Stop sending for good
bulk-stop-meaning = Messages that were not sent yet will not be sent any more. Those that were sent stay sent.
bulk-remove-question = Remove this sending
bulk-remove-meaning = The table, the text and the results are removed. Messages that were sent stay in the box among the sent ones. Download the evidence before.
bulk-done-check = The addresses are being checked.
bulk-done-try = The dry run has begun.
bulk-done-cancel = Broken off.
bulk-done-start = Sending has begun.
bulk-done-pause = Paused, nothing more is sent.
bulk-done-resume = Sending goes on.
bulk-done-stop = Sending has stopped.
bulk-done-retry = The refused messages are being tried again.
bulk-done-remove = Removed.
bulk-leave-page = You can leave this page, the work goes on without it. You find it again under Bulk sending.
bulk-halted = The system has halted the sending:
bulk-sending = Sending
bulk-not-sendable = Cannot be delivered or made
bulk-phases = What became of the messages
bulk-problems = Rows that went wrong
bulk-all-problems = All rows that went wrong
bulk-rows-title = Rows and results
bulk-filters = Choice of rows
bulk-filter-all = All
bulk-filter-problems = Gone wrong
bulk-filter-waiting = Waiting
bulk-filter-sent = Sent
bulk-filter-left-out = Left out
bulk-no-rows = No such rows.
bulk-first-page = To the beginning
bulk-next-page = Next page
bulk-said = In the table
bulk-recipient = Recipient
bulk-results-csv = Results as a table (CSV)
bulk-evidence-zip = Evidence of all messages (ZIP: signed delivery infos, results, summary)
bulk-row-title = Row { $n }
bulk-row-cells = Row of the table
bulk-previous-row = Previous row
bulk-next-row = Next row
bulk-unknown-yet = not known yet
bulk-kind = Kind of message
bulk-csv-row = Row
bulk-csv-box = Recipient’s box
bulk-csv-name = Recipient
bulk-csv-address = Recipient’s address
bulk-csv-result = Result
bulk-csv-message = Message number
bulk-csv-code = Code
bulk-csv-reason = Reason
bulk-csv-state = State of the message
bulk-csv-delivered-in = Delivered into the box
bulk-csv-accepted = Delivered
bulk-evidence-title = Summary of a bulk sending
bulk-evidence-name = Name
bulk-evidence-box = Sender’s box
bulk-evidence-author = Author
bulk-evidence-state = State
bulk-evidence-created = Made
bulk-evidence-started = Sending began
bulk-evidence-ended = Sending ended
bulk-evidence-made = Summary made
bulk-evidence-rows = Rows of the table
bulk-evidence-note = The folder delivery-infos holds, for each message sent, the delivery info sealed by the system (ZFO). It is verified on the page “Verify a message” or by the command isds verify.
bulk-evidence-summary-file = summary.txt
bulk-evidence-results-file = results.csv
bulk-evidence-folder = delivery-infos
bulk-files-numbers = for all: { $common }, for rows: { $rows }
bulk-duplicates = Repeated recipients
bulk-looked-up = Boxes looked up
bulk-gaps = Messages with an empty field
