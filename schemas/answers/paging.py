"""What every list has that comes in pages."""

from schemas.answers.fields import Answer, text, whole


class PageAnswer(Answer):
    """A page of a list."""

    count = whole("How many this page holds.", nullable=False, minimum=0)
    next_page_token = text("Send it as page_token for the next page; null after the last one.")
