"""What a program is told where it gets no answer: for who reads its log."""

WORDS = {
    "api.400": (
        "参数有误，errors 里有说明。",
        "A parameter is not right: see errors.",
    ),
    "api.401": (
        "请带上有效的令牌：Authorization: Bearer …。令牌在“我的账号”里建立；浏览器登录后只能读。",
        "A valid token is needed: Authorization: Bearer …. It is made on the page of one's own account. "
        "Who is logged in by a browser may only read.",
    ),
    "api.403": ("这个账号没有这项权限。", "This account may not do this."),
    "api.404": ("没有这一项。", "There is no such thing."),
    "api.409": ("现在做不到。", "This cannot be done now."),
    "api.413": ("内容太大。", "What was sent is too large."),
    "api.415": ("内容应为 application/json。", "The body should be application/json."),
    "api.426": (
        "请用 https://：令牌不能不加密地传送。",
        "Please ask by https:// — tokens are not sent unencrypted.",
    ),
    "api.429": (
        "请求太频繁，请按 Retry-After 稍后再试。",
        "Too many requests: please wait as Retry-After says.",
    ),
}
