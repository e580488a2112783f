/** A command of the SDK, as far as its middleware goes. */
interface CommandWithMiddleware {
  readonly middlewareStack: {
    add(
      middleware: (next: (args: never) => unknown) => (args: never) => unknown,
      options: { step: 'build'; name: string },
    ): void;
  };
}

/**
 * Signs a request with the SHA-256 that is known of its body. The SDK would hash the whole body
 * once more for each request; S3 compares it with this one either way.
 *
 * @param sha256 - lower-case hex.
 * @returns the command.
 */
export function withPayloadHash<Command>(command: Command, sha256: string): Command {
  (command as CommandWithMiddleware).middlewareStack.add(
    (next) => (args: { request: { headers: Record<string, string> } }) => {
      args.request.headers['x-amz-content-sha256'] = sha256;
      return next(args as never);
    },
    { step: 'build', name: 'knownPayloadHash' },
  );
  return command;
}
