verify-title = Verifying a data message
verify-what = Insert a file with a data message or a delivery receipt (its name ends in .zfo). You learn what it is, who sent it, and whether it was changed after it was sealed. You need not sign in.
verify-kept-nothing = The file is verified while it arrives and is stored nowhere.
verify-file = ZFO file
verify-file-help = At most { $size }.
verify-drop = You can also drop the file here.
verify-button = Verify
verify-progress = Sending:
verify-examining = The file is sent and is being verified…
verify-offline = The file could not be sent. Check your connection and try again.
verify-no-file = Choose the file that you want to verify. An empty file cannot be verified.
verify-too-large = The file is larger than { $size }. No data message is that large. Nothing of it was stored.
verify-too-slow = The file took too long to arrive and was not verified. Nothing of it was stored.
verify-stale = This page was opened too long ago, or you have signed in or out meanwhile. Please choose the file again.
verify-too-often = { $n ->
    [one] Too many files came from your address within a minute. Try again in { $n } second.
   *[other] Too many files came from your address within a minute. Try again in { $n } seconds.
}
verify-busy = { $n ->
    [one] As many files as the system can take at once are being verified. Try again in { $n } second.
   *[other] As many files as the system can take at once are being verified. Try again in { $n } seconds.
}
verify-result = Result
verify-result-of = Result for the file { $name }
verify-unreadable-hint = A data message is downloaded from the box as a file whose name ends in .zfo. An attachment alone, a message printed to PDF or a file packed into a ZIP cannot be verified this way.
verify-received = Data message (as its recipient has it)
verify-sent = Data message (as its sender has it)
verify-delivery-info = Delivery receipt
verify-says = What the file says
verify-says-doubt = The file is not in order, so what it says need not be true either:
verify-number = Message number
verify-subject = Subject
verify-sender = Sender
verify-sender-address = Address of the sender
verify-recipient = Recipient
verify-recipient-address = Address of the recipient
verify-to-hands = To the hands of
verify-sender-reference = Reference numbers of the sender
verify-recipient-reference = Reference numbers of the recipient
verify-legal-title = Legal title
verify-law = of Act No. { $number } Coll.
verify-law-paragraph = par.{" "}
verify-law-point = point{" "}
verify-personal = For the recipient's own hands
verify-yes = yes
verify-state = State
verify-state-1 = submitted
verify-state-2 = submitted and timestamped
verify-state-3 = failed the malware scan
verify-state-4 = in the recipient's box
verify-state-5 = delivered by fiction
verify-state-6 = delivered by signing in
verify-state-7 = read
verify-state-8 = undeliverable
verify-state-9 = content erased after its time
verify-state-10 = kept in the data vault
verify-delivered = Put into the box
verify-accepted = Delivered
verify-not-yet = not yet at the time of sealing
verify-attachments = Attachments
verify-attachment = Name
verify-attachment-kind = Kind
verify-attachment-size = Size
verify-attachments-none = A delivery receipt holds no attachments.
verify-attachments-more = { $n ->
    [one] and { $n } more
   *[other] and { $n } more
}
verify-events = Events
verify-event-time = Time
verify-event-what = What happened
verify-hash = Digest of the message ({ $algorithm })
verify-again = Verify another file
