print("llm-api")
