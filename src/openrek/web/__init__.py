"""What both HTTP edges share: API errors, login sessions, events, uploads, the OpenAPI document."""
