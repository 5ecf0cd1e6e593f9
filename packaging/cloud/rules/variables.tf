variable "page_ttl_s" {
  description = "Seconds for which a page of the discover and community feeds is kept."
  type        = number
  default     = 300
  validation {
    condition     = var.page_ttl_s >= 60 && var.page_ttl_s <= 900
    error_message = "A page is kept for 60 to 900 seconds."
  }
}

variable "page_ttl_max_s" {
  description = "Seconds to which the time of a page that does not change may grow."
  type        = number
  default     = 900
  validation {
    condition     = var.page_ttl_max_s >= var.page_ttl_s && var.page_ttl_max_s <= 3600
    error_message = "The longest time of a page lies between its usual time and an hour."
  }
}

variable "manifest_ttl_s" {
  description = "Seconds for which the prefetch worker's manifests (feed:prefetch:*) are kept."
  type        = number
  default     = 600
  validation {
    condition     = var.manifest_ttl_s >= 60 && var.manifest_ttl_s <= 86400
    error_message = "A manifest is kept for a minute to a day."
  }
}

variable "presigned_lifetime_s" {
  description = "Seconds for which a signed address is good."
  type        = number
  default     = 3600
  validation {
    # S3 signs for a week at most.
    condition     = var.presigned_lifetime_s >= 900 && var.presigned_lifetime_s <= 604800
    error_message = "A signed address is good for 15 minutes to a week."
  }
}

variable "media_edge_ttl_s" {
  description = "Seconds for which the edge keeps a media file. Its address changes with its content, so this may be long."
  type        = number
  default     = 86400
  validation {
    condition     = var.media_edge_ttl_s >= 3600
    error_message = "An edge that keeps media for less than an hour is cold again before the worker comes back."
  }
}

variable "client_cache_mb" {
  description = "Megabytes that a desktop client keeps on disk. The client's own bound; here for the sums alone."
  type        = number
  default     = 100
  validation {
    condition     = var.client_cache_mb > 0 && var.client_cache_mb <= 100
    error_message = "Clients keep 100 MB at most."
  }
}

variable "redis_memory_mb" {
  description = "Megabytes of memory that the Redis node has."
  type        = number
  default     = 512
}

variable "prefetch_schedule" {
  description = "When the prefetch worker runs (FEED_PREFETCH_CRON_EXPRESSION): rate(1 hour), or five fields of cron in UTC."
  type        = string
  default     = "rate(1 hour)"
  validation {
    condition = can(regex("^rate\\((1 (minute|hour|day)|([2-9]|[1-9][0-9]{1,3}) (minutes|hours|days))\\)$", var.prefetch_schedule)) || (
      length(split(" ", var.prefetch_schedule)) == 5 && can(regex("^[0-9*/,A-Za-z-]+( [0-9*/,A-Za-z-]+){4}$", var.prefetch_schedule))
    )
    error_message = "The schedule is rate(1 hour), rate(30 minutes) or the like, or five fields of cron."
  }
  validation {
    condition = length(split(" ", var.prefetch_schedule)) != 5 || try(
      split(" ", var.prefetch_schedule)[2] == "*" || split(" ", var.prefetch_schedule)[4] == "*", true
    )
    error_message = "A day of the month and a day of the week together are more than EventBridge can say."
  }
}
