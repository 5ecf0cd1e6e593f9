output "environment" {
  description = "The environment of flickreel-server; SERVICE_TOKEN, ADMIN_TOKEN and the key of the CDN come from where secrets are kept."
  value = merge(module.rules.environment, {
    AWS_REGION        = var.region
    FEED_S3_BUCKET    = aws_s3_bucket.media.bucket
    FEED_CDN_BASE_URL = "https://${aws_cloudfront_distribution.feed.domain_name}"
    FEED_API_URL      = "https://${var.api_domain}"
  })
}

output "redis_endpoint" {
  description = "FEED_REDIS_ENDPOINT, with the password in it."
  value       = "rediss://:${urlencode(var.redis_auth_token)}@${aws_elasticache_replication_group.feed.primary_endpoint_address}:6379/0"
  sensitive   = true
}

output "cdn_key_pair_id" {
  description = "What signed cookies and addresses name as Key-Pair-Id."
  value       = aws_cloudfront_public_key.feed.id
}

output "service_policy_arn" {
  description = "To be attached to the role of the replicas."
  value       = aws_iam_policy.service.arn
}

output "upload_policy_arn" {
  description = "To be attached to the role of who uploads."
  value       = aws_iam_policy.upload.arn
}
