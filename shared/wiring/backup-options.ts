import type { TurnOptions } from '../backup/turn-options.ts';
import { ENV } from '../config/env-names.ts';
import { type Environment, readConfig } from '../config/service-config.ts';

/**
 * What the settings of an installation say about its backups; read when it is asked for.
 *
 * @param environment - default: the process's own.
 * @throws ConfigError from any property, when its variable is missing or malformed.
 */
export function backupOptions(environment?: Environment): Pick<TurnOptions, 'shardRecords'> {
  return {
    get shardRecords() {
      return readConfig([ENV.shardRecords], environment)[ENV.shardRecords];
    },
  };
}
