"""A hall's floor plan."""

WORDS = {
    "plan.heading": ("平面图", "Floor plan"),
    "plan.title": ("{hall}平面图", "Floor plan of {hall}"),
    "plan.said": (
        "设备：故障 {bad}，注意 {warn}，未知 {off}，正常 {good}",
        "Devices: {bad} faulty, {warn} to look at, {off} unknown, {good} well",
    ),
    "plan.entrance": ("入口", "Entrance"),
    "plan.unknown": ("状态未知", "unknown"),
}
