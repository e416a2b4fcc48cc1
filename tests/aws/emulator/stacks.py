# SPDX-License-Identifier: Apache-2.0
"""CloudFormation for `cdk deploy`: types that moto skips in silence, and its change sets mended.

Alarms, pipelines, build projects and subscriptions are made by the service's own call, through this
emulator; policies are taken and forgotten. An update makes the thing again under its name.
"""

import boto3
import moto.cloudformation.responses
import world
from botocore.config import Config
from moto.cloudformation.models import (ChangeSet, CloudFormationBackend, Stack,
                                        cloudformation_backends)
from moto.core.common_models import CloudFormationModel
from moto.core.exceptions import ServiceException

TYPES = []  # keeps the classes that moto finds by their base
FORGOTTEN = ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy",
             "AWS::CDK::Metadata")


def client(service):
    return boto3.client(service, endpoint_url=world.endpoint(), region_name=world.REGION,
                        aws_access_key_id="testing", aws_secret_access_key="testing",
                        config=Config(retries={"total_max_attempts": 1}))


def accepted(service, operation, properties):
    """A client, and of the properties those that the operation takes."""
    it = client(service)
    members = it.meta.service_model.operation_model(operation).input_shape.members
    return it, {key: value for key, value in properties.items() if key in members}


def as_texts(values):
    return {key: value if isinstance(value, str) else
            str(value).lower() if isinstance(value, bool) else str(value)
            for key, value in values.items()}


def in_api_case(value):
    """CloudFormation's PascalCase to the API's camelCase; the keys of a Configuration are data."""
    if isinstance(value, list):
        return [in_api_case(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key[0].lower() + key[1:]: as_texts(each) if key == "Configuration"
            else in_api_case(each) for key, each in value.items()}


def define(kind, name_property, make, unmake=lambda identity: None):
    """Teaches moto a type: `make(properties)` gives (physical id, attributes)."""
    class Made(CloudFormationModel):
        __module__ = "moto.cloudformation.emulator"  # moto files its models by their module

        def __init__(self, identity, attributes):
            self.identity, self.attributes = identity, attributes

        physical_resource_id = property(lambda self: self.identity)

        @staticmethod
        def cloudformation_name_type():
            return name_property

        @staticmethod
        def cloudformation_type():
            return kind

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id,
                                            region_name, **_):
            properties = dict(cloudformation_json.get("Properties", {}))
            if name_property:
                properties.setdefault(name_property, resource_name)
            return cls(*make(properties))

        @classmethod
        def update_from_cloudformation_json(cls, original_resource, new_resource_name,
                                            cloudformation_json, account_id, region_name):
            return cls.create_from_cloudformation_json(
                original_resource.identity, cloudformation_json, account_id, region_name)

        @classmethod
        def delete_from_cloudformation_json(cls, resource_name, *_, **__):
            unmake(resource_name)

        @classmethod
        def has_cfn_attr(cls, attr):
            return True

        def get_cfn_attribute(self, attribute_name):
            return self.attributes.get(attribute_name)

    Made.__name__ = kind.replace("::", "")
    TYPES.append(Made)


def make_alarm(properties):
    it, parameters = accepted("cloudwatch", "PutMetricAlarm", properties)
    it.put_metric_alarm(**parameters)
    name = properties["AlarmName"]
    return name, {"Arn": world.arn("cloudwatch", f"alarm:{name}")}


def make_composite(properties):
    it, parameters = accepted("cloudwatch", "PutCompositeAlarm", properties)
    it.put_composite_alarm(**parameters)
    name = properties["AlarmName"]
    return name, {"Arn": world.arn("cloudwatch", f"alarm:{name}")}


def make_pipeline(properties):
    wanted = in_api_case({key: value for key, value in properties.items()
                          if key not in ("Tags", "RestartExecutionOnUpdate")})
    it = client("codepipeline")
    try:
        it.get_pipeline(name=wanted["name"])
        it.update_pipeline(pipeline=wanted)
    except it.exceptions.PipelineNotFoundException:
        it.create_pipeline(pipeline=wanted)
    return wanted["name"], {"Version": "1"}


def make_project(properties):
    for part in ("Source", "Artifacts"):  # moto asks for a location even where there is none
        if properties[part]["Type"] not in ("NO_ARTIFACTS",):
            properties[part] = {"Location": "codepipeline", **properties[part]}
    wanted = in_api_case(properties)
    wanted["source"] = {"buildspec" if key == "buildSpec" else key: value
                        for key, value in wanted["source"].items()}
    name = wanted["name"]
    it, parameters = accepted("codebuild", "CreateProject", wanted)
    try:
        it.create_project(**parameters)
    except it.exceptions.ResourceAlreadyExistsException:
        pass
    return name, {"Arn": world.arn("codebuild", f"project/{name}")}


def make_subscription(properties):
    made = client("sns").subscribe(
        TopicArn=properties["TopicArn"], Protocol=properties["Protocol"],
        Endpoint=properties["Endpoint"], ReturnSubscriptionArn=True)
    return made["SubscriptionArn"], {}


def make_invoke_settings(properties):
    it, parameters = accepted("lambda", "PutFunctionEventInvokeConfig", properties)
    parameters.pop("Qualifier", None)
    it.put_function_event_invoke_config(**parameters)
    return f"{properties['FunctionName']}-invoke", {}


define("AWS::CloudWatch::Alarm", "AlarmName", make_alarm,
       lambda name: client("cloudwatch").delete_alarms(AlarmNames=[name]))
define("AWS::CloudWatch::CompositeAlarm", "AlarmName", make_composite,
       lambda name: client("cloudwatch").delete_alarms(AlarmNames=[name]))
define("AWS::CodePipeline::Pipeline", "Name", make_pipeline,
       lambda name: client("codepipeline").delete_pipeline(name=name))
define("AWS::CodeBuild::Project", "Name", make_project,
       lambda name: client("codebuild").delete_project(name=name))
define("AWS::SNS::Subscription", None, make_subscription)
define("AWS::Lambda::EventInvokeConfig", None, make_invoke_settings)
for each_kind in FORGOTTEN:
    define(each_kind, None, lambda properties: ("taken", {}))

moto_fetch = moto.cloudformation.responses.get_stack_from_s3_url
moto_resolve = CloudFormationBackend._resolve_update_parameters
moto_born = Stack.__init__
moto_execute = CloudFormationBackend.execute_change_set
moto_describe = CloudFormationBackend.describe_change_set
moto_apply = ChangeSet.apply


class ChangeSetNotFound(ServiceException):
    code = "ChangeSetNotFound"


def fetch_template(template_url, **named):
    """moto finds the bucket of a template on localhost only by that name."""
    return moto_fetch(template_url.replace("127.0.0.1", "localhost"), **named)


def resolve_update_parameters(self, instance, incoming_params):
    """moto trips over UsePreviousValue of a parameter that kept its default."""
    return moto_resolve(self, instance, [
        each for each in incoming_params
        if "ParameterValue" in each or each["ParameterKey"] in instance.parameters])


def stack_born(self, stack_id, name, template, parameters, account_id, region_name, **named):
    """A stack made by a change set sees what other stacks export."""
    if not named.get("cross_stack_resources"):
        exports = cloudformation_backends[account_id][region_name].exports
        named["cross_stack_resources"] = exports or None
    moto_born(self, stack_id, name, template, parameters, account_id, region_name, **named)


def execute_change_set(self, change_set_name, stack_name=None):
    """moto forgets the outputs of a stack made so."""
    moto_execute(self, change_set_name, stack_name)
    for each in self.change_sets.values():
        if change_set_name in (each.change_set_id, each.change_set_name) \
                and each.execution_status == "EXECUTE_COMPLETE":
            each.stack.template_dict = each.template_dict
            each.stack.output_map = each.stack._create_output_map()
            for export in each.stack.exports:
                self.exports[export.name] = export


def delete_change_set(self, change_set_name):
    for key in [key for key, each in self.change_sets.items()
                if change_set_name in (key, each.change_set_name)]:
        del self.change_sets[key]


def describe_change_set(self, change_set_name):
    """The CDK waits for this very error after it has deleted a change set."""
    try:
        return moto_describe(self, change_set_name)
    except ServiceException:
        raise ChangeSetNotFound(f"ChangeSet [{change_set_name}] does not exist") from None


def apply(self):
    """moto would look a resolved value of SSM up as the name of another parameter."""
    declared = self.template_dict.get("Parameters", {})
    resolved = {key for key, each in declared.items() if each["Type"].startswith("AWS::SSM::")}
    self.parameters = {key: value for key, value in (self.parameters or {}).items()
                       if key not in resolved}
    for key in resolved:
        self.stack.resource_map.input_parameters.pop(key, None)
    moto_apply(self)


moto.cloudformation.responses.get_stack_from_s3_url = fetch_template
CloudFormationBackend._resolve_update_parameters = resolve_update_parameters
CloudFormationBackend.execute_change_set = execute_change_set
CloudFormationBackend.delete_change_set = delete_change_set
CloudFormationBackend.describe_change_set = describe_change_set
Stack.__init__ = stack_born
ChangeSet.apply = apply
