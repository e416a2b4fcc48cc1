#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# manual-rollback.sh ENVIRONMENT: the runbook's steps 1 to 8 as one script on awscli, against
# AWS_ENDPOINT_URL. Left out are what takes everybody as long: the 60 s in which the environment
# settles, and the look at the health address; and a change of infrastructure, which is asked for
# and not there. What the runbook never writes or asks wrongly is said where it is done otherwise.
set -euo pipefail

environment=${1:?usage: manual-rollback.sh ENVIRONMENT}
export AWS_PAGER='' AWS_EC2_METADATA_DISABLED=true
pipeline=kiro-pipeline-$environment
table=$pipeline-deployments
live=kiro-worker-$environment-artifacts
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Some releases of awscli do not know AWS_ENDPOINT_URL, so it is said to each.
aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }

# Step 1: the deployment that is under way. (The runbook asks for the environment alone, and the
# index then sorts by status; the status is asked for here, so that the script is right, too.)
deployment=$(aws dynamodb query --table-name "$table" --index-name EnvironmentStatusIndex \
  --key-condition-expression "environment = :environment AND #status = :status" \
  --expression-attribute-names '{"#status":"status"}' \
  --expression-attribute-values \
  '{":environment":{"S":"'"$environment"'"},":status":{"S":"in_progress"}}' \
  --no-scan-index-forward --limit 1 --no-paginate \
  --query 'Items[0].deploymentId.S' --output text)
aws codepipeline get-pipeline-state --name "$pipeline" >"$folder/state"
aws s3 ls "s3://$live/" --recursive >"$folder/listing"
sort "$folder/listing" | tail -n 10 >"$folder/newest"

# Step 2: the version to go back to.
version=$(aws dynamodb query --table-name "$table" --index-name EnvironmentStatusIndex \
  --key-condition-expression "environment = :environment AND #status = :status" \
  --expression-attribute-names '{"#status":"status"}' \
  --expression-attribute-values \
  '{":environment":{"S":"'"$environment"'"},":status":{"S":"succeeded"}}' \
  --no-scan-index-forward --limit 1 --no-paginate \
  --query 'Items[0].version.S' --output text)

# Step 3: the pipeline's execution, if one is under way.
under_way="stageStates[?latestExecution.status=='InProgress']"
execution=$(aws codepipeline get-pipeline-state --name "$pipeline" \
  --query "$under_way | [0].latestExecution.pipelineExecutionId" --output text)
if [[ -n $execution && $execution != None ]]; then
  aws codepipeline stop-pipeline-execution --pipeline-name "$pipeline" \
    --pipeline-execution-id "$execution" --abandon --reason "manual rollback" >"$folder/stopped"
fi

# Step 4: has the infrastructure changed?
changed=$(aws dynamodb get-item --table-name "$table" \
  --key '{"deploymentId":{"S":"'"$deployment"'"}}' \
  --query 'Item.infrastructureChanged.BOOL' --output text)
if [[ $changed == True ]]; then
  echo "the infrastructure has changed: not part of what is measured" >&2
  exit 2
fi

# Step 5: the application. (The runbook looks at current-version.txt in step 6; nothing writes it.)
mkdir "$folder/release"
aws s3 cp "s3://$pipeline-artifacts/$version/" "$folder/release/" --recursive --only-show-errors
aws s3 sync "$folder/release/" "s3://$live/" --only-show-errors
printf '%s' "$version" >"$folder/pointer"
aws s3 cp "$folder/pointer" "s3://$live/current-version.txt" --metadata "version=$version" \
  --only-show-errors

# Step 6: is it well?
red=$(aws cloudwatch describe-alarms --alarm-name-prefix "$pipeline" --state-value ALARM \
  --query 'length(MetricAlarms)' --output text)
if [[ $red != 0 ]]; then
  echo "$red alarms are in ALARM" >&2
  exit 3
fi
deployed=$(aws s3api head-object --bucket "$live" --key current-version.txt \
  --query 'Metadata.version' --output text)
if [[ $deployed != "$version" ]]; then
  echo "$deployed is live, not $version" >&2
  exit 4
fi

# Step 7: the record.
now=$(date +%s)
values='{":status":{"S":"rolled_back"},":level":{"S":"manual"},":now":{"N":"'"$now"'"},
         ":reason":{"S":"manual rollback to '"$version"'"}}'
update="SET #status = :status, rollbackReason = :reason, rollbackLevel = :level"
aws dynamodb update-item --table-name "$table" \
  --key '{"deploymentId":{"S":"'"$deployment"'"}}' \
  --update-expression "$update, rollbackTime = :now, endTime = :now" \
  --expression-attribute-names '{"#status":"status"}' --expression-attribute-values "$values"

# Step 8: the people.
aws sns publish --topic-arn "arn:aws:sns:us-east-1:123456789012:$pipeline-rollbacks" \
  --subject "Manual rollback completed - $environment" \
  --message '{"event":"manual_rollback_completed","targetVersion":"'"$version"'"}' \
  >"$folder/published"
echo "$deployment went back to $version"
