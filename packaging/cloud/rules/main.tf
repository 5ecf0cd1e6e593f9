# The rules of the feed service as numbers: how long what is kept, how large it may grow, when the prefetch worker runs.
# No provider is needed, so `terraform test` checks them without a network or an account.

terraform {
  required_version = ">= 1.6"
}

locals {
  # rate(N minutes|hours|days), the unit in the singular for one.
  rate_parts = try(regex("^rate\\(([1-9][0-9]{0,3}) (minute|minutes|hour|hours|day|days)\\)$", var.prefetch_schedule), null)
  rate_minutes = local.rate_parts == null ? null : (
    tonumber(local.rate_parts[0]) * { minute = 1, hour = 60, day = 1440 }[trimsuffix(local.rate_parts[1], "s")]
  )

  # Five fields: minute, hour, day of month, month, day of week.
  cron_fields = local.rate_parts == null ? split(" ", var.prefetch_schedule) : []

  # An address is renewed so long before it ends that a page which holds it can still be handed out.
  presigned_renew_before_s = max(300, floor(var.presigned_lifetime_s * 0.2))
  presigned_handed_until_s = floor(var.presigned_lifetime_s * 0.95)

  # A page may be handed out once more after its time, while it is made anew.
  page_longest_s = var.page_ttl_max_s * 2
}
