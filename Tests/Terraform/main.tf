terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
variable "endpoint" { default = "http://127.0.0.1:8190" }
variable "weight" { default = 100 }
variable "result" { default = 1 }
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints { sfn = var.endpoint }
}
resource "aws_sfn_state_machine" "orders" {
  name     = "orders"
  role_arn = "arn:aws:iam::000000000000:role/orders"
  publish  = true
  definition = jsonencode({
    StartAt = "Done"
    States  = { Done = { Type = "Pass", Result = var.result, End = true } }
  })
  logging_configuration {
    level                  = "ALL"
    include_execution_data = true
    log_destination        = "arn:aws:logs:us-east-1:000000000000:log-group:/orders:*"
  }
  tags = { team = "kitchen" }
}
resource "aws_sfn_alias" "live" {
  name = "live"
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.orders.state_machine_version_arn
    weight                    = 100
  }
}
resource "aws_sfn_activity" "pack" {
  name = "pack"
  tags = { team = "kitchen" }
}
data "aws_sfn_state_machine" "orders" {
  name       = aws_sfn_state_machine.orders.name
  depends_on = [aws_sfn_state_machine.orders]
}
data "aws_sfn_activity" "pack" {
  name       = aws_sfn_activity.pack.name
  depends_on = [aws_sfn_activity.pack]
}
data "aws_sfn_alias" "live" {
  name             = aws_sfn_alias.live.name
  statemachine_arn = aws_sfn_state_machine.orders.arn
  depends_on       = [aws_sfn_alias.live]
}
data "aws_sfn_state_machine_versions" "orders" {
  statemachine_arn = aws_sfn_state_machine.orders.arn
  depends_on       = [aws_sfn_state_machine.orders]
}
output "version" { value = aws_sfn_state_machine.orders.state_machine_version_arn }
output "found" { value = [data.aws_sfn_state_machine.orders.arn, data.aws_sfn_activity.pack.arn, data.aws_sfn_alias.live.arn] }
output "versions" { value = data.aws_sfn_state_machine_versions.orders.statemachine_versions }
