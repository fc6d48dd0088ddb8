lists-days-today = ends today
lists-days-left = { $n ->
    [one] { $n } day left
   *[other] { $n } days left
}
lists-days-over = { $n ->
    [one] { $n } day overdue
   *[other] { $n } days overdue
}
lists-no-subject = (no subject)
lists-number = Message number
lists-personal = personal delivery
lists-large = large message
lists-mark-ours = our reference
lists-mark-theirs = their reference
lists-state-waits = waits in the box to be delivered
lists-state-fiction-waits = delivered by fiction, not opened yet
lists-state-unread = unread
lists-state-read = read
lists-state-on-its-way = on its way
lists-state-delivered-in = in the recipient’s box, not delivered yet
lists-state-fiction = delivered by fiction
lists-state-delivered = delivered
lists-state-infected = stopped: malware in an attachment
lists-state-undeliverable = undeliverable
lists-state-erased = content erased
lists-state-vault = in the vault
lists-kind-system = system message
lists-kind-reply-paid = postal message with prepaid reply
lists-kind-postal = postal data message
lists-kind-public = public message (with an authority)
lists-kind = Kind of message
lists-kind-any = all kinds
lists-fiction = then it counts as delivered (fiction of delivery)
lists-fiction-how = How the day is counted
lists-fiction-counted = The tenth day after it was put into the box is { $tenth }. It is a working day, so the period ends with it.
lists-fiction-moved = The tenth day after it was put into the box is { $tenth }. { $why } The last day of the period is therefore the next working day, { $last }.
lists-fiction-weekend = That is a weekend.
lists-fiction-holiday = That is a public holiday.
lists-fiction-ruled-out = The sender ruled out fiction of delivery: the message is delivered only when somebody opens it.
lists-fiction-old-postal = Postal messages from before 2022 are not delivered by fiction.
lists-delivered-by-fiction = It already counts as delivered (by fiction), since
lists-delivered-to-authority = To a public authority the message counts as delivered by being put into its box.
lists-monday = Monday
lists-tuesday = Tuesday
lists-wednesday = Wednesday
lists-thursday = Thursday
lists-friday = Friday
lists-saturday = Saturday
lists-sunday = Sunday
lists-waiting-count = { $n ->
    [one] { $n } message waits to be opened
   *[other] { $n } messages wait to be opened
}
lists-waiting-others = { $n ->
    [one] { $n } more message waits that you have no right to read; opening the list does not deliver it.
   *[other] { $n } more messages wait that you have no right to read; opening the list does not deliver them.
}
lists-and-more = and more
lists-only-delivered = Only what is delivered already is shown here.
lists-look-what-waits = See what waits
lists-since = in the box since
lists-in-box-since = in the box since
lists-ask-title = Messages wait to be opened
lists-ask-law = Opening the inbox delivers them to you under section 17, paragraph 3 of Act 300/2008: the moment of opening is the moment of delivery, and periods such as the one for an appeal run from it.
lists-ask-law-some = Some of these messages count as delivered already; those shown below say so. Opening the inbox delivers the others to you under section 17, paragraph 3 of Act 300/2008: the moment of opening is the moment of their delivery, and periods such as the one for an appeal run from it.
lists-ask-law-none = All these messages count as delivered already; below it says why. Opening the inbox changes nothing about that, and no period begins anew.
lists-ask-fact-none = The sender will see in the delivery information when somebody signed in to the box. It cannot be taken back.
lists-ask-fact = The sender will see the time of delivery in the delivery information. It cannot be taken back.
lists-ask-open = Open and deliver
lists-ask-not-now = Not now, show only what is delivered already
lists-ask-what = What waits
lists-ask-oldest = { $n ->
    [one] The oldest { $n } is shown.
   *[other] The oldest { $n } are shown.
}
lists-opened = The box is open. The messages that waited are delivered.
lists-opened-in-part = There are many messages and they are delivered bit by bit. Those delivered are in the list; open the box again for the others.
lists-received-title = Received
lists-received-help = Received messages.
lists-received-empty = Nobody has sent you anything yet. When a message comes, it appears here.
lists-sent-title = Sent
lists-sent-help = Sent messages.
lists-sent-empty = Nothing has been sent from this box yet.
lists-vault-title = Vault
lists-vault-help = Messages kept in the vault, which are not erased after 90 days.
lists-vault-empty = There is nothing in the vault.
lists-erased-title = Erased
lists-erased-help = Messages whose content was erased at the end of their time. Envelope and delivery information remain.
lists-erased-empty = No message has been erased yet.
lists-all-boxes = all boxes
lists-all-help = Messages of all your boxes together. Nothing is delivered here.
lists-all-first = { $n ->
    [one] Only messages of { $n } box are shown. The overview leads to the others.
   *[other] Only messages of the first { $n } boxes are shown. The overview leads to the others.
}
lists-sides = Side of the list
lists-side-received = received
lists-side-sent = sent
lists-unread-count = { $n ->
    [one] { $n } unread message
   *[other] { $n } unread messages
}
lists-undelivered-count = { $n ->
    [one] { $n } sent message is not delivered
   *[other] { $n } sent messages are not delivered
}
lists-search = Search messages
lists-search-help = Subject, name or box, reference, message number, name of an attachment. Beginnings of words will do; case and accents do not matter.
lists-find = Search
lists-filters = Narrow down
lists-filter = Apply
lists-show = Show
lists-show-all = all messages
lists-show-unread = unread
lists-show-undelivered = not delivered
lists-show-todo = to do
lists-tag = Tag
lists-tag-any = all tags
lists-from-day = From
lists-to-day = To
lists-who = Box ID of the other side
lists-personal-only = personal delivery only
lists-show-everything = Clear and show everything
lists-wrong-date = Enter a day, such as 24. 12. 2026.
lists-wrong-interval = The period ends before it begins.
lists-wrong-box = A box ID has seven letters and digits.
lists-names-incomplete = The list is still being prepared for searching: names of attachments were not searched in some of the messages yet.
lists-text-incomplete = The text of attachments of the newest messages is still being prepared for searching; only their names were searched.
lists-nothing-fits = No message fits.
lists-column-tick = Select
lists-column-box = Box
lists-column-sender = Sender
lists-column-recipient = Recipient
lists-column-subject = Subject
lists-column-state = State
lists-column-time = Time
lists-tick = Select message: { $subject }
lists-with-ticked = With the selected messages
lists-mark-read = Mark as read
lists-choose-tag = choose
lists-add-tag = Add tag
lists-take-tag = Remove tag
lists-due = Do by
lists-note-task = Add to what is to do
lists-note-done = Done
lists-task-open = to do
lists-task-done = done
lists-noted-by = noted by { $name }
lists-none-ticked = Select messages first.
lists-no-tag-chosen = Choose a tag.
lists-marked-read = The messages are marked as read.
lists-tagged = The tag is added.
lists-untagged = The tag is removed.
lists-noted = The messages are among what is to be done.
lists-noted-done = The messages are done.
lists-nothing-changed = Nothing changed for the selected messages.
lists-cut-off = Searched back to
lists-search-on = Search further back
lists-pages = Pages of the list
lists-newer = Newer
lists-older = Older
lists-more-lists = More lists
lists-settings-link = Tags and search
lists-density = Density:
lists-comfortable = comfortable
lists-compact = compact
lists-keys-title = Keyboard shortcuts
lists-key-down = next message
lists-key-up = previous message
lists-key-open = open the message
lists-key-tick = select the message
lists-key-search = search
lists-key-help = this help
lists-keys-on = Shortcuts are on
lists-close = Close
lists-home-title = Overview
lists-home-all-received = Received, all boxes
lists-home-all-sent = Sent, all boxes
lists-home-not-accessible = The box is not accessible: nothing can be put into it or sent from it.
lists-home-password-ends = The password of user name { $login } is good only until
lists-home-password-change = Change the password
lists-home-waiting = Waiting to be opened
lists-home-nothing-waits = Nothing waits.
lists-home-not-delivered-by-looking = This page delivers nothing.
lists-home-todo = To do
lists-home-nothing-todo = Nothing to do. Messages are added in their list.
lists-home-more-todo = Everything to do
lists-home-last = Last messages
lists-home-no-messages = There are no messages in the box yet.
lists-home-others = What others did here
lists-home-no-lists = You have no right to see the lists of messages of this box.
lists-home-more-boxes = More boxes
lists-home-more-boxes-help = { $n ->
    [one] The overview shows { $n } box. Open the others by their links.
   *[other] The overview shows the first { $n } boxes. Open the others by their links.
}
lists-home-settings = Box settings
lists-home-operator = You administer the system and have no box of your own here.
lists-home-no-boxes = You have access to no box.
lists-from = from
lists-to = to
lists-deed-sent = { $name }: sent a message
lists-deed-read = { $name }: read a message
lists-deed-downloaded = { $name }: downloaded a message
lists-deed-erased = { $name }: erased a message
lists-deed-delivered = { $name }: opened the inbox, what waited was delivered
lists-deed-reported = { $name }: reported a suspicious message
lists-deed-other = { $name }: worked with a message
lists-deed-application = An application
lists-case-title = Case { $mark }
lists-case-help = Received and sent messages with this reference, whoever wrote it.
lists-case-empty = No message has this reference.
lists-case-count = { $n ->
    [one] { $n } message
   *[other] { $n } messages
}
lists-settings-title = Tags and search
lists-settings-tags = Tags of the box
lists-settings-tags-help = Tags are seen and used by everybody who sees the lists of this box. Senders and recipients do not see them.
lists-settings-no-tags = The box has no tags yet.
lists-settings-show-tagged = show messages
lists-settings-remove-tag = delete the tag
lists-settings-remove-help = A deleted tag disappears from messages as well. The messages themselves stay.
lists-settings-name = Name of a new tag
lists-settings-colour = Colour
lists-settings-add-tag = Add tag
lists-settings-content = Search in the text of attachments
lists-settings-content-help = When it is on, the text of PDF and text attachments is searched as well. Only those who may read the message find it by them. The text is taken out in the background and stays in the system’s database until you switch this off or the message is erased.
lists-settings-content-is-on = Search in the text of attachments is on.
lists-settings-content-is-off = Search in the text of attachments is off.
lists-settings-content-switch-on = Switch on search in the text of attachments
lists-settings-content-switch-off = Switch off search in the text of attachments
lists-settings-content-no-right = Only those who administer the users of the box may switch it.
lists-content-on = Search in the text of attachments is on; older messages are prepared in the background.
lists-content-off = Search in the text of attachments is off; the text is removed from the database in the background.
lists-tag-added = The tag is added.
lists-tag-removed = The tag is deleted.
lists-tag-no-name = Enter a name of the tag.
lists-tag-too-long = { $n ->
    [one] The name has at most { $n } character.
   *[other] The name has at most { $n } characters.
}
lists-tag-no-colour = There is no such colour.
lists-tag-taken = The box has a tag of that name.
lists-tag-too-many = The box has as many tags as it may. Delete one first.
lists-colour-0 = grey
lists-colour-1 = blue
lists-colour-2 = green
lists-colour-3 = yellow
lists-colour-4 = orange
lists-colour-5 = red
lists-colour-6 = purple
lists-colour-7 = teal
