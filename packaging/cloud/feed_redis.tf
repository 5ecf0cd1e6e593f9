# What replicas share: pages, signed addresses, manifests, cursors, counts and events.

resource "aws_elasticache_subnet_group" "feed" {
  name       = "${var.name}-feed"
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "redis" {
  name_prefix = "${var.name}-redis-"
  description = "Redis of the feed service: the service alone reaches it"
  vpc_id      = var.vpc_id
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "redis" {
  security_group_id            = aws_security_group.redis.id
  referenced_security_group_id = var.service_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_elasticache_parameter_group" "feed" {
  name   = "${var.name}-feed"
  family = "redis7"
  # What has a time to live may go early; counts, preferences and states of streams have none and stay.
  parameter {
    name  = "maxmemory-policy"
    value = "volatile-lru"
  }
}

resource "aws_elasticache_replication_group" "feed" {
  replication_group_id       = "${var.name}-feed"
  description                = "Pages, addresses, manifests, cursors, counts and events of the feed service"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = var.redis_node_type
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true
  parameter_group_name       = aws_elasticache_parameter_group.feed.name
  subnet_group_name          = aws_elasticache_subnet_group.feed.name
  security_group_ids         = [aws_security_group.redis.id]
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  auth_token                 = var.redis_auth_token
  snapshot_retention_limit   = 1
}

resource "aws_cloudwatch_metric_alarm" "redis_full" {
  alarm_name          = "${var.name}-redis-full"
  alarm_description   = "Redis uses more than 80 % of its memory."
  namespace           = "AWS/ElastiCache"
  metric_name         = "BytesUsedForCache"
  dimensions          = { CacheClusterId = "${aws_elasticache_replication_group.feed.id}-001" }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = module.rules.redis_alarm_bytes
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
}

resource "aws_cloudwatch_metric_alarm" "redis_evicts" {
  alarm_name          = "${var.name}-redis-evicts"
  alarm_description   = "Redis lets go of more than 5 % of what is asked of it."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns

  metric_query {
    id          = "share"
    label       = "evictions in a hundred requests"
    expression  = "100 * evictions / (hits + misses + 1)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { evictions = "Evictions", hits = "CacheHits", misses = "CacheMisses" }
    content {
      id = metric_query.key
      metric {
        namespace   = "AWS/ElastiCache"
        metric_name = metric_query.value
        dimensions  = { CacheClusterId = "${aws_elasticache_replication_group.feed.id}-001" }
        stat        = "Sum"
        period      = 300
      }
    }
  }
}
