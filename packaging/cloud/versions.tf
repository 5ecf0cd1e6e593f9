# The feed service's cloud: a bucket and a CDN before it for media, Redis for what replicas share, and the rights they need.
# Where the service itself runs is left to whoever runs it: packaging/server has a container file and a systemd unit.

terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = { project = var.name }
  }
}

module "rules" {
  source               = "./rules"
  prefetch_schedule    = var.prefetch_schedule
  presigned_lifetime_s = var.presigned_lifetime_s
  redis_memory_mb      = var.redis_memory_mb
}
