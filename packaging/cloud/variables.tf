variable "name" {
  description = "What everything is called after."
  type        = string
  default     = "flickreel"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "Small letters, digits and hyphens, 31 at most."
  }
}

variable "region" {
  description = "AWS_REGION of the service."
  type        = string
}

variable "api_domain" {
  description = "The host of the feed service behind the CDN, such as api.example.org. HTTPS is spoken with it."
  type        = string
}

variable "vpc_id" {
  description = "The network that Redis lies in."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of it, in two zones at least."
  type        = list(string)
  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "Redis fails over to another zone: two subnets at least."
  }
}

variable "service_security_group_id" {
  description = "The security group of the service's replicas and of the prefetch worker: nobody else reaches Redis."
  type        = string
}

variable "cdn_public_key_pem" {
  description = "The public half of the key that signs cookies and addresses: RSA of 2048 bits, or ECDSA P-256. The private half stays with the service."
  type        = string
}

variable "redis_node_type" {
  description = "The size of a Redis node; redis_memory_mb says how much memory that is."
  type        = string
  default     = "cache.t4g.micro"
}

variable "redis_memory_mb" {
  description = "Megabytes of memory of redis_node_type."
  type        = number
  default     = 512
}

variable "redis_auth_token" {
  description = "The password of Redis, 16 to 128 printable characters."
  type        = string
  sensitive   = true
}

variable "prefetch_schedule" {
  description = "FEED_PREFETCH_CRON_EXPRESSION: rate(1 hour), or five fields of cron in UTC."
  type        = string
  default     = "rate(1 hour)"
}

variable "presigned_lifetime_s" {
  description = "Seconds for which a signed address is good."
  type        = number
  default     = 3600
}

variable "alarm_topic_arns" {
  description = "SNS topics that are told when Redis is too full or lets go of too much."
  type        = list(string)
  default     = []
}
