"""What every page says, and what it says where it cannot be shown."""

WORDS = {
    "nav.overview": ("总览", "Overview"),
    "nav.ratings": ("评价", "Ratings"),
    "nav.reports": ("报表", "Reports"),
    "nav.events": ("事件", "Events"),
    "nav.audit": ("操作记录", "Audit"),
    "nav.accounts": ("账号", "Accounts"),
    "nav.me": ("我的账号", "My account"),
    "nav.logout": ("退出", "Log out"),
    "nav.main": ("主导航", "Main"),
    "nav.skip": ("跳到正文", "Skip to content"),
    "nav.language": ("English", "中文"),
    "mark.colon": ("：", ": "),
    "mark.semicolon": ("；", "; "),
    "live.on": ("实时", "Live"),
    "live.lost": ("连接已断，以下是断开前的情况", "Connection lost: what follows is from before"),
    "live.away": ("中心与各大厅的连接已断", "No connection to the halls"),
    "live.since": ("（自 {time}）", " (since {time})"),
    "age.s": ("{n} 秒前", "{n} s ago"),
    "age.m": ("{n} 分钟前", "{n} min ago"),
    "age.h": ("{n} 小时前", "{n} h ago"),
    "age.d": ("{n} 天前", "{n} d ago"),
    "sorry.title": ("打不开这个页面", "This page cannot be shown"),
    "sorry.back": ("回到总览", "Back to the overview"),
    "sorry.400": (
        "地址或表单有误，请返回重试。",
        "The address or form is not right. Please go back and try again.",
    ),
    "sorry.401": (
        "需要有效的访问令牌。",
        "A valid access token is needed.",
    ),
    "sorry.403": (
        "您的账号没有这项权限。需要的话请联系中心管理员。",
        "Your account may not do this. Please ask the centre's manager if you need it.",
    ),
    "sorry.form": (
        "这个页面已过时，或者不是从本站提交的。请返回刷新后重试。",
        "This page is out of date, or was not sent from here. Please go back, reload it and try again.",
    ),
    "sorry.404": ("没有这个页面，可能已经移走。", "There is no such page; it may have been moved."),
    "sorry.405": ("这个地址不接受这种请求。", "This address does not take such a request."),
    "sorry.413": ("提交的内容太大。", "What was sent is too large."),
    "sorry.426": (
        "请用 https:// 打开：密码不能不加密地传送。",
        "Please open this by https:// — passwords are not sent unencrypted.",
    ),
    "sorry.429": ("请求太频繁，请稍等再试。", "Too many requests. Please wait a moment."),
    "sorry.500": (
        "程序出错，已记入日志。请稍后再试，或告知技术人员。",
        "Something went wrong and is in the log. Please try again later, or tell the technicians.",
    ),
    "sorry.503": (
        "暂时答不上来，记录没有受损。请稍后再试。",
        "No answer at the moment; the record is unharmed. Please try again shortly.",
    ),
    "sorry.unkept": (
        "这一步没有办：现在什么都记不下来，多半是记录所在的磁盘满了。请让技术人员腾出空间，再点“再试一次”。",
        "This was not done: nothing can be kept now, most likely because the disk of the record is full. "
        "Please let the technicians make room, and then try again.",
    ),
    "sorry.wrote": ("您写的还在这里：", "What you wrote is still here:"),
    "sorry.resend": ("再试一次", "Try again"),
    "stuck.text": (
        "现在新的内容记不下来，页面可能不是最新的：记录所在的磁盘满了，或数据库用不了。请让技术人员腾出空间。"
        "大厅照常工作，各节点先自己存着，恢复后自动补上。",
        "Nothing new is kept now, so pages may be behind: the disk of the record is full, or its database is "
        "away. Please let the technicians make room. The halls work on; their nodes keep everything, and it "
        "follows by itself.",
    ),
}
