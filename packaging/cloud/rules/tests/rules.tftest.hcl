run "as_they_are" {
  command = plan

  assert {
    condition     = output.presigned.renew_before_s == 720 && output.presigned.handed_until_s == 3420
    error_message = "An hour's address is renewed 720 s before its end and handed out for 3420 s."
  }
  assert {
    condition     = output.addresses_outlive_pages
    error_message = "A page would hold an address that has ended."
  }
  assert {
    condition     = output.eventbridge_schedule == "rate(1 hour)" && output.worker_comes_before_the_edge_is_cold
    error_message = "The worker comes once an hour."
  }
  assert {
    condition     = output.environment.FEED_PREFETCH_CRON_EXPRESSION == "rate(1 hour)"
    error_message = "The worker is told its schedule."
  }
  assert {
    condition     = output.client_warm_items == 95
    error_message = "100 MB hold 95 heads of 1 MiB."
  }
  assert {
    condition     = output.redis_alarm_bytes == 429496729
    error_message = "80 % of 512 MiB."
  }
}

run "short_addresses_are_renewed_five_minutes_before_their_end" {
  command = plan
  variables {
    presigned_lifetime_s = 900
    page_ttl_s           = 60
    page_ttl_max_s       = 300
  }
  assert {
    condition     = output.presigned.renew_before_s == 300 && output.presigned.handed_until_s == 855
    error_message = "Never less than 300 s."
  }
}

run "pages_that_would_outlive_their_addresses_are_told" {
  command = plan
  variables {
    presigned_lifetime_s = 900
    page_ttl_max_s       = 900
  }
  assert {
    condition     = !output.addresses_outlive_pages
    error_message = "A page of 15 minutes, handed out once more, outlives an address of 15 minutes."
  }
}

run "five_fields_become_six" {
  command = plan
  variables {
    prefetch_schedule = "15 */2 * * *"
  }
  assert {
    condition     = output.eventbridge_schedule == "cron(15 */2 * * ? *)" && output.worker_comes_before_the_edge_is_cold == null
    error_message = output.eventbridge_schedule
  }
}

run "a_day_of_the_week_leaves_the_day_of_the_month_open" {
  command = plan
  variables {
    prefetch_schedule = "0 6 * * MON-FRI"
  }
  assert {
    condition     = output.eventbridge_schedule == "cron(0 6 ? * MON-FRI *)"
    error_message = output.eventbridge_schedule
  }
}

run "a_schedule_that_is_none_is_refused" {
  command = plan
  variables {
    prefetch_schedule = "rate(1 hours)"
  }
  expect_failures = [var.prefetch_schedule]
}

run "six_fields_are_refused" {
  command = plan
  variables {
    prefetch_schedule = "0 0 * * * *"
  }
  expect_failures = [var.prefetch_schedule]
}

run "two_kinds_of_days_are_refused" {
  command = plan
  variables {
    prefetch_schedule = "0 6 1 * MON"
  }
  expect_failures = [var.prefetch_schedule]
}

run "a_page_that_is_kept_for_too_long_is_refused" {
  command = plan
  variables {
    page_ttl_s     = 901
    page_ttl_max_s = 901
  }
  expect_failures = [var.page_ttl_s]
}

run "a_client_never_keeps_more_than_its_bound" {
  command = plan
  variables {
    client_cache_mb = 101
  }
  expect_failures = [var.client_cache_mb]
}
