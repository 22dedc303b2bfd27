"""What the pages of reports say."""

WORDS = {
    "reports.title": ("报表", "Reports"),
    "reports.published": ("已发布的报表", "Published reports"),
    "reports.none": ("还没有发布过报表。", "No report has been published yet."),
    "reports.kind.month": ("月报", "Monthly"),
    "reports.kind.quarter": ("季度评比", "Quarterly honours"),
    "reports.kind.year": ("年报", "Yearly"),
    "reports.kind": ("种类", "Kind"),
    "reports.period": ("期间", "Period"),
    "reports.version": ("版本", "Version"),
    "reports.made_at": ("做成时间", "Made"),
    "reports.digest": ("校验值", "Digest"),
    "reports.v": ("第 {n} 版", "version {n}"),
    "reports.make": ("现在做一份", "Make one now"),
    "reports.make_hint": (
        "按此刻的记录做，不会发布。月写 2026-10，季写 2026Q4，年写 2026。",
        "Of the record as it is now; it is not published. A month is 2026-10, a quarter 2026Q4, a year 2026.",
    ),
    "reports.go": ("做报表", "Make it"),
    "reports.of_one": (
        "发布的报表包含全部大厅，这里只能做本大厅的。",
        "Published reports are of all halls. Here one can be made of your hall.",
    ),
    "reports.back": ("回到报表", "Back to the reports"),
    "reports.preliminary": ("未发布，按做成时的记录", "Not published: of the record when it was made"),
    "reports.files": ("下载", "Download"),
    "reports.print": (
        "要打印，请用浏览器的打印功能。",
        "To print it, use the print command of your browser.",
    ),
    "reports.sheets": ("目录", "Contents"),
    "reports.total": ("合计", "Total"),
    "reports.empty": ("没有内容。", "Nothing to tell."),
    "reports.rows": (
        "这里只列前 {n} 行，共 {all} 行，全部在文件里。",
        "The first {n} of {all} rows; all are in the file.",
    ),
    "reports.ids": (
        "这里写大厅的名称，文件里写编号，对照见“各厅”。",
        "Halls stand here by their names, and in the files by their ids; the sheet “Halls” has both.",
    ),
    "reports.notes": ("怎么算的", "How it is counted"),
}
