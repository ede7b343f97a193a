"""Who people are and whom they act for: users, parties, memberships, consent."""
