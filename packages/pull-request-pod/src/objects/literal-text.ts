/**
 * A text that reaches the container as it is. A kubelet replaces `$(NAME)` in commands and variables by other variables of the
 * container and reads `$$` as `$`, so a branch that is called `$(TOKEN)` or a script with a command substitution would be changed.
 */
export function literalText(text: string): string {
  return text.replaceAll(/\$(?=[$(])/g, '$$$$');
}
