output "environment" {
  description = "What flickreel-server reads from its environment of these rules."
  value = {
    FEED_PREFETCH_CRON_EXPRESSION = var.prefetch_schedule
  }
}

output "eventbridge_schedule" {
  description = "The worker's schedule as EventBridge writes it: with a year, and a ? in one of the fields of days."
  value = local.rate_parts != null ? var.prefetch_schedule : format("cron(%s %s %s %s %s *)",
    local.cron_fields[0], local.cron_fields[1],
    local.cron_fields[4] == "*" ? local.cron_fields[2] : (local.cron_fields[2] == "*" ? "?" : local.cron_fields[2]),
    local.cron_fields[3],
    local.cron_fields[4] == "*" ? "?" : local.cron_fields[4],
  )
}

output "worker_comes_before_the_edge_is_cold" {
  description = "Whether the worker is back before the edge has let go of what it warmed; null for cron, whose pauses differ."
  value       = local.rate_minutes == null ? null : local.rate_minutes * 60 <= var.media_edge_ttl_s
}

output "presigned" {
  description = "Seconds before its end at which an address is renewed, and after its beginning up to which it is handed out."
  value = {
    renew_before_s = local.presigned_renew_before_s
    handed_until_s = local.presigned_handed_until_s
  }
}

output "addresses_outlive_pages" {
  description = "Whether an address that is put into a page just before its renewal is still good when the page is handed out for the last time."
  value       = local.presigned_renew_before_s > var.presigned_lifetime_s - local.presigned_handed_until_s && local.presigned_handed_until_s >= local.page_longest_s
}

output "redis_alarm_bytes" {
  description = "Bytes of memory in use at which Redis is too full: 80 % of what it has."
  value       = floor(var.redis_memory_mb * 1024 * 1024 * 0.8)
}

output "client_warm_items" {
  description = "Items whose head ranges of 1 MiB fit into a client's cache: more need not be warmed for one viewer."
  value       = floor(var.client_cache_mb * 1000 * 1000 / 1048576)
}

output "media_edge_ttl_s" {
  value = var.media_edge_ttl_s
}

output "manifest_ttl_s" {
  value = var.manifest_ttl_s
}
