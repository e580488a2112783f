/**
 * Name of a function's IAM role. The bucket policies and the judgement of key events refer to
 * roles by name, so it follows from the installation and the function alone.
 */
export function functionRole(installation: string, functionName: string): string {
  return `holdfast-${installation}-${functionName}`;
}
