/** What is to be ended, and what is being opened, must not pass each other. */
export const subjectClaim = (subject: string): string => `subject ${subject}`;
export const clientClaim = (clientId: string): string => `client ${clientId}`;
