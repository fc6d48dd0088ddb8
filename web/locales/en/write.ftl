write-title = New data message
write-title-template = Editing a template
write-drafts = Drafts
write-templates = Templates
write-recipients = To
write-to = Find a recipient
write-to-help = Type a name of a person, firm or authority, an address, an identification number or the ID of a data box.
write-search = Search
write-found-boxes = Boxes found
write-found = { $n ->
    [0] We found nothing like that
    [one] { $n } box found
   *[other] { $n } boxes found
}
write-search-short = Type at least two characters that can be searched for.
write-search-no-right = You have no right to search for boxes. Type the whole ID of the recipient's data box.
write-search-failed = The search does not answer just now. Type the whole ID of the recipient's data box.
write-add = Add
write-add-one = Add the recipient { $name }
write-drop = Remove
write-drop-one = Remove: { $name }
write-chosen = already chosen
write-nobody = No recipient has been chosen yet.
write-cannot = Cannot be sent:
write-no-such-box = There is no such box
write-box-authority = public authority
write-box-person = natural person
write-box-business = self-employed person
write-box-firm = legal person
write-kind-public = Data message, free of charge
write-kind-postal = Postal data message (PDZ), paid
write-kind-nothing = Nothing can be sent there from here
write-kind-disabled = The box is disabled
write-kind-contract = Postal data message (PDZ) for { $price } under your contract
write-kind-credit = Postal data message (PDZ) for { $price } from the credit of the box
write-kind-subsidy = Postal data message (PDZ), paid for you by the box { $payer }
write-kind-reply = Reply (PDZ), paid by the box { $payer }, which asked for it
write-kind-initiating = Postal data message (PDZ) for { $price } with a prepaid reply
write-large-road = {""}, large (VoDZ)
write-credit-short = All the messages together cost { $needed }, the credit of the box is { $left }. Some will not be sent.
write-message = Message
write-subject = Subject
write-subject-reply = Re:
write-subject-forward = Fwd:
write-no-subject = (no subject)
write-more = Reference numbers, file marks, to hands, legal title
write-sender-ref = Our reference number
write-sender-ref-help = How you keep the message.
write-sender-ident = Our file mark
write-recipient-ref = Your reference number
write-recipient-ref-help = How the recipient keeps the matter; in a reply, from their message.
write-recipient-ident = Your file mark
write-to-hands = To the hands of
write-to-hands-help = Name of a person at the recipient's, at most 30 characters.
write-legal-title = Legal title
write-legal-title-help = The law under which you send the message. Mostly authorities fill it in.
write-law = Act No.
write-year = Year
write-sect = Section
write-par = Paragraph
write-point = Letter
write-attachments = Attachments
write-files = Choose files
write-files-help = The first attachment is the main document. Up to { $ordinary } it is an ordinary message, up to { $large } a large one.
write-upload = Upload what is chosen
write-drop-hint = You can also drag files here.
write-rules = Which files can be sent
write-rule-count = At most { $n } attachments in one message.
write-rule-size = Together up to { $ordinary } as an ordinary message, up to { $large } as a large one (VoDZ).
write-rule-containers = At most { $n } ZIP or ASiC files. Inside there must be no other archive, no password and no forbidden type of file.
write-rule-content = The content has to be what the suffix says: a renamed program does not pass.
write-rule-suffixes = Suffixes allowed:
write-no-attachments = No attachment yet. A message needs at least one.
write-main = main document
write-up = Up
write-up-one = Move up: { $name }
write-down = Down
write-down-one = Move down: { $name }
write-total = The attachments have { $size } together.
write-goes-large = The message will go as a large one (VoDZ).
write-options = How to deliver
write-personal = Personal delivery
write-personal-help = Only those at the recipient's read it who may also read messages for personal delivery.
write-no-fiction = No delivery by fiction
write-no-fiction-help = The message will not count as delivered after ten days, only when the recipient signs in.
write-publish = Show my name
write-publish-help = The recipient will see who sent the message from the box.
write-wish = Kind of postal message
write-wish-help = It concerns only recipients that are no authority. Usually the choice can be left to the system.
write-wish-auto = by what the box has
write-wish-contract = under the contract, not as a reply
write-wish-credit = from the credit, not as a reply
write-wish-reply = only as a reply that the recipient pays for
write-wish-initiating = with a prepaid reply (initiating)
write-review = Check and send
write-save = Save the draft
write-save-template = Save the template
write-saved = The draft is saved.
write-saved-at = Saved: { $time }
write-not-saved = The message is not saved yet. Please correct the fields marked; nothing of what you typed is lost.
write-keep-as-template = Keep as a template
write-template-name = Name of the template
write-template-help = A template keeps recipients, fields and attachments. You can send a message from it again at any time.
write-keep-template = Save as a template
write-template-kept = The template is saved.
write-discard = Discard the draft
write-discard-template = Delete the template
write-discard-short = Discard
write-discard-one = Discard: { $name }
write-discarded = Deleted.
write-edit = Edit
write-edit-one = Edit: { $name }
write-conflict = Another window or somebody else has changed this draft meanwhile. Your changes are still here, but they are not saved.
write-gone = This draft is no more: it was sent or discarded meanwhile. What you typed is still here.
write-being-sent = This draft is being sent, it cannot be changed any more.
write-no-room = The box has as many drafts and templates as it may have. Discard some and save again.
write-keep-copy = Save my changes as a new draft
write-take-theirs = Drop my changes and open the saved draft
write-file-form-used = The draft of this form is there already. Open it and add the file in it.
write-file-no-draft = The draft is no more, there was nowhere to put the file.
write-error-box = One of the recipients is no valid ID of a box.
write-error-to = We do not know such a box. Choose a recipient from those found, or type the whole ID of the box.
write-error-long = { $n ->
    [one] At most { $n } character.
   *[other] At most { $n } characters.
}
write-error-number = Type a whole number.
write-error-recipients = One message can have at most 50 recipients.
write-error-template-name = Type a name of the template, at most 100 characters.
write-word-uploading = Uploading
write-word-judging = Being checked
write-word-failed = It could not be uploaded. Please try again.
write-word-offline = You are offline; we will save as soon as it is possible.
write-word-saving = Saving…
write-word-cancel = Cancel
write-signed-out = You have been signed out. Sign in in another window; what you typed stays here.
write-signed-out-title = You have been signed out
write-signed-out-text = Nothing of what you typed is lost. Only the chosen files will have to be chosen again.
write-signed-out-link = Sign in in a new window
write-signed-out-go-on = Go on with the message
write-drafts-text = Drafts are seen by everybody who may send from the box.
write-templates-text = Messages that you send repeatedly. Opening a template begins a new message.
write-no-drafts = There is no draft here.
write-no-templates = No template yet. You can save one from a draft.
write-under-way = (being sent)
write-recipients-count = { $n ->
    [0] no recipient
    [one] { $n } recipient
   *[other] { $n } recipients
}
write-attachments-count = { $n ->
    [0] no attachments
    [one] { $n } attachment
   *[other] { $n } attachments
}
write-next-page = Next
write-review-title = Check and send
write-details = Details of the envelope
write-yes = yes
write-needs-attachment = A message needs at least one attachment.
write-follows = What follows from sending
write-follows-from-authority = The message will be placed in the recipient's box. It is delivered as soon as somebody who may read it signs in; if nobody does within ten days, it counts as delivered on the last of them, or on the next working day where that is a day off (Act No. 300/2008, section 17, paragraphs 3 and 4).
write-follows-no-fiction = The message will be placed in the recipient's box and is delivered as soon as somebody who may read it signs in. It does not count as delivered when ten days have passed.
write-follows-to-authority = The submission is made at the moment when it reaches the authority's box, and has the same effects as if you had made it in writing and signed it (Act No. 300/2008, section 18, paragraph 2).
write-follows-between-authorities = The document is delivered at the moment when it is placed in the other authority's box.
write-follows-postal = The postal data message will be placed in the recipient's box; it is delivered when somebody who may read it signs in, at the latest on the last of ten days, or on the next working day where that is a day off (Act No. 300/2008, section 18a).
write-partly = It cannot be sent to some of the recipients. It will go to the others, and the draft stays for the rest.
write-send = Send the data message
write-back = Back to editing
write-not-sendable = The message cannot be sent like this. Go back to editing and add what is missing.
write-changed-before-sending = The draft has changed meanwhile. Please check it again; nothing was sent.
write-sending-title = The way of the message
write-sent-count = { $n ->
    [0] No message has been sent yet.
    [one] { $n } message sent.
   *[other] { $n } messages sent.
}
write-refused-count = { $n ->
    [one] { $n } could not be sent.
   *[other] { $n } could not be sent.
}
write-message-number = message no. { $number }
write-step-submitted = submitted
write-step-stamped = timestamp
write-step-delivered = in the box
write-step-accepted = delivered
write-step-done = (done)
write-state-sending = Being sent.
write-state-refused = Not sent:
write-state-1 = Submitted, waiting for its timestamp.
write-state-2 = Timestamped, on its way to the box.
write-state-3 = Not placed in the box: malware was found in an attachment.
write-state-4 = In the recipient's box.
write-state-5 = Delivered by fiction.
write-state-6 = Delivered.
write-state-8 = Undeliverable: the recipient's box was disabled retroactively.
write-stalled = Sending was interrupted. What was sent is sent; you can finish the rest.
write-resume = Go on sending
write-reload = Refresh
write-another = Write another message
write-back-to-rest = Back to those to whom it was not sent
error-draft-changed-title = The draft has changed meanwhile
error-draft-changed-text = Another window or somebody else has changed it, or it is being sent. Please open it again from the drafts.
error-draft-room-title = The box has no room
error-draft-room-text = It has as many drafts and templates as it may have. Discard some and try again.
error-draft-content-title = The message cannot be sent like this
error-draft-content-text = A message has at least one and at most 50 recipients, and a template a name of up to 100 characters. Go back to editing.
