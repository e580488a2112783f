import {
  arnOf,
  type CreatedResource,
  nameOf,
  type ResourceCreator,
  type ResourceRequest,
} from '../resource-creator.ts';

/** A resource that does nothing here: it is kept as data and known by its name. */
function recorded(
  nameProperty: string,
  attributesOf: (request: ResourceRequest, name: string) => CreatedResource['attributes'],
): ResourceCreator {
  return async (request) => {
    const name = nameOf(request, nameProperty);
    return { ref: name, attributes: attributesOf(request, name) };
  };
}

function iamArn(request: ResourceRequest, resource: string): string {
  return `arn:${request.partition}:iam::${request.accountId}:${resource}`;
}

/** An IAM role. Permissions are data: the embedded AWS does not enforce them. */
export const createIamRole = recorded('RoleName', (request, name) => ({
  Arn: iamArn(request, `role${pathOf(request)}${name}`),
  RoleId: name,
}));

/** A managed policy; `Ref` gives its ARN. */
export const createIamManagedPolicy: ResourceCreator = async (request) => {
  const name = nameOf(request, 'ManagedPolicyName');
  const arn = iamArn(request, `policy${pathOf(request)}${name}`);
  return { ref: arn, attributes: { PolicyArn: arn } };
};

export const createIamPolicy = recorded('PolicyName', () => ({}));

export const createLambdaPermission = recorded('Id', () => ({}));

export const createLogGroup = recorded('LogGroupName', (request, name) => ({
  Arn: arnOf(request, 'logs', `log-group:${name}:*`),
}));

export const createMetricFilter = recorded('FilterName', () => ({}));

export const createAlarm = recorded('AlarmName', (request, name) => ({
  Arn: arnOf(request, 'cloudwatch', `alarm:${name}`),
}));

export const createDashboard = recorded('DashboardName', () => ({}));

export const createScheduleGroup = recorded('Name', (request, name) => ({
  Arn: arnOf(request, 'scheduler', `schedule-group/${name}`),
}));

export const createQueuePolicy = recorded('Id', () => ({}));

export const createTopicPolicy = recorded('Id', () => ({}));

function pathOf(request: ResourceRequest): string {
  return String(request.properties.Path ?? '/');
}
