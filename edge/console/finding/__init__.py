"""Events looked for in the record: by place, time, kind and what they tell."""
