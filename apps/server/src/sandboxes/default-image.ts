/** What a sandbox runs whose maker names no image. */
export const defaultImage = 'nikolaik/python-nodejs:python3.11-nodejs20-bullseye';
