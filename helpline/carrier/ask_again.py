"""What an address that we name to the carrier ends with, so that it is asked for again."""

# Twilio asks three times more where we do not answer or answer 5xx. The fragment is for Twilio only: it is not signed.
ASK_AGAIN = "#rc=3&rp=ct,rt,5xx"
