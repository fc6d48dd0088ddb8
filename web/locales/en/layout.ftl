layout-site = Data boxes
layout-demo = demo
layout-skip = Skip to content
layout-boxes = Boxes
layout-all-boxes = All boxes
layout-choose-box = List of boxes
layout-box = Box
layout-person = Account
layout-admin = Administration
layout-home = Overview
layout-settings = Settings
layout-sign-in = Sign in
layout-sign-out = Sign out
layout-received = Received
layout-sent = Sent
layout-write = Write a message
layout-drafts = Drafts
layout-bulk = Bulk sending
layout-box-settings = Box settings
layout-footer = More pages
layout-about = About
layout-verify = Check a message
layout-statistics = Statistics
layout-colours = Colours
layout-theme-auto = as the device
layout-theme-light = light
layout-theme-dark = dark
time-today = today { $clock }
time-yesterday = yesterday { $clock }
time-tomorrow = tomorrow { $clock }
count-messages = { $n ->
    [one] { $n } message
   *[other] { $n } messages
}
