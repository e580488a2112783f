import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../gateway/json-protocol.ts';
import type { LocalService } from '../gateway/service.ts';
import { createJsonService } from '../json-service.ts';
import type { Execution } from './execution-store.ts';
import type { StateMachines } from './state-machines.ts';

/** Step Functions' API over the machines that templates declare. */
export function createStatesService(machines: StateMachines): LocalService {
  return createJsonService({
    label: 'states',
    signingNames: ['states'],
    targetPrefix: 'AWSStepFunctions',
    version: '1.0',
    operations: {
      StartExecution: async (input) => {
        const started = machines.start(
          text(input, 'stateMachineArn'),
          input.name === undefined ? randomUUID() : text(input, 'name'),
          input.input === undefined ? '{}' : text(input, 'input'),
        );
        return { executionArn: started.executionArn, startDate: seconds(started.startDate) };
      },
      DescribeExecution: async (input) =>
        executionDetail(machines.describe(text(input, 'executionArn'))),
      ListExecutions: async (input) => {
        const status = input.statusFilter === undefined ? undefined : text(input, 'statusFilter');
        const executions = machines.executions(text(input, 'stateMachineArn'), status);
        const limit = Number(input.maxResults) || executions.length;
        return { executions: executions.slice(0, limit).map(executionSummary) };
      },
      GetExecutionHistory: async (input) => {
        const events = machines.history(text(input, 'executionArn')).map((event, index) => ({
          id: index + 1,
          previousEventId: index,
          type: String(event.type),
          timestamp: seconds(String(event.timestamp)),
        }));
        return { events: input.reverseOrder === true ? events.reverse() : events };
      },
      StopExecution: async (input) => {
        const optional = (name: string) =>
          input[name] === undefined ? undefined : text(input, name);
        const stopDate = machines.abort(
          text(input, 'executionArn'),
          optional('error'),
          optional('cause'),
        );
        return { stopDate: seconds(stopDate) };
      },
      DescribeStateMachine: async (input) => {
        const machine = machines.machine(text(input, 'stateMachineArn'));
        return {
          stateMachineArn: machine.arn,
          name: machine.name,
          status: 'ACTIVE',
          type: 'STANDARD',
          definition: machine.definitionText,
          roleArn: machine.roleArn,
          creationDate: seconds(machine.creationDate),
        };
      },
      ListStateMachines: async (_input, request) => ({
        stateMachines: machines.list(request.region).map((machine) => ({
          stateMachineArn: machine.arn,
          name: machine.name,
          type: 'STANDARD',
          creationDate: seconds(machine.creationDate),
        })),
      }),
    },
  });
}

function text(input: JsonObject, name: string): string {
  return String(input[name] ?? '');
}

/** AWS JSON carries instants as seconds since 1970. */
function seconds(instant: string): number {
  return new Date(instant).getTime() / 1000;
}

function executionSummary(execution: Execution): JsonObject {
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machineArn,
    name: execution.name,
    status: execution.status,
    startDate: seconds(execution.startDate),
    ...(execution.stopDate === undefined ? {} : { stopDate: seconds(execution.stopDate) }),
  };
}

function executionDetail(execution: Execution): JsonObject {
  return {
    ...executionSummary(execution),
    input: execution.input,
    output: execution.output,
    error: execution.error,
    cause: execution.cause,
  };
}
