# The rights of the service. Whoever signs for S3 can hand out only what he may read himself; cookies and addresses of the CDN
# are signed with a key of our own, which lies in a secret that this role may read.

resource "aws_secretsmanager_secret" "cdn_key" {
  name_prefix = "${var.name}-cdn-key-"
  description = "The private half of the CDN's key, PEM (PKCS#8). Its value is put in by hand, never by Terraform: it would lie in the state."
}

data "aws_iam_policy_document" "service" {
  statement {
    sid       = "SignForMedia"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.media.arn}/*"]
  }
  statement {
    sid       = "ListMedia"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.media.arn]
  }
  statement {
    sid       = "SignCookies"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.cdn_key.arn]
  }
}

resource "aws_iam_policy" "service" {
  name_prefix = "${var.name}-service-"
  description = "What replicas of the feed service may do"
  policy      = data.aws_iam_policy_document.service.json
}

data "aws_iam_policy_document" "upload" {
  statement {
    sid       = "PutMedia"
    actions   = ["s3:PutObject", "s3:AbortMultipartUpload"]
    resources = ["${aws_s3_bucket.media.arn}/*"]
  }
  statement {
    sid       = "SeeWhatIsThere"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.media.arn]
  }
}

resource "aws_iam_policy" "upload" {
  name_prefix = "${var.name}-upload-"
  description = "What `flickreel-server upload` may do; replicas need none of it"
  policy      = data.aws_iam_policy_document.upload.json
}
