/** More than anybody reads. What is beyond is counted: a text of strangers could otherwise fill a log with its problems. */
export const maxProblems = 100;
